import { describe, expect, it } from '@jest/globals';
import { identifiedLogger } from '../../../lib/events/identified-logger.js';
import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { TargetLog } from '../../../lib/client/events/target-log.js';
import { RejectedTokens } from '../../../lib/client/requests/rejected-tokens.js';
import { Destinations } from '../../../lib/client/requests/destination.js';
import { TargetIndex } from '../../../lib/client/requests/target-index.js';
import { TokenAttacher } from '../../../lib/client/requests/token-attacher.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { ALL_TARGETS } from '../../support/all-targets.js';
import { asking, simulatedTokenManager } from '../../support/client-token-manager.js';
import { granted } from '../../support/scripted-upstream.js';

const SECOND = 1000;
const PARAMETERS = asking();
const HOUR = 3600 * SECOND;

const { client } = resolveOptions({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1' },
  client: { clientId: 'orders', clientSecret: 'secret', targets: { shop: { url: 'https://shop.example' } } },
});

/** Whether the target rejects the token of a request: the first one is number 1. */
type Rejects = (path: string, count: number) => boolean;

/** A caller with everything real between its adapter and the token endpoint. */
function calling(rejects: Rejects) {
  const { clock, manager, upstream } = simulatedTokenManager({}, (count) => granted(`t${count}`, 86_400));
  const log = new TargetLog(identifiedLogger('M2MClientService'), () => undefined);
  const rejected = new RejectedTokens(clock, log);
  const tokens = {
    of: () => ({
      name: undefined,
      manager,
      rejected,
      exchangeFor: () => Promise.reject(new Error('nothing is exchanged')),
      parametersFor: () => PARAMETERS,
    }),
    clock,
  };
  let count = 0;
  const send = new TokenAttacher(new Destinations(new TargetIndex(client?.targets ?? []), ALL_TARGETS), tokens).wrap(
    async (config) => {
      count += 1;
      const isRejected = rejects(new URL(config.url ?? '').pathname, count);
      const headers = new AxiosHeaders(isRejected ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {});
      return { status: isRejected ? 401 : 200, statusText: '', data: '', headers, config };
    },
  );
  const call = (path: string): Promise<AxiosResponse> => {
    const config: InternalAxiosRequestConfig = { url: `https://shop.example${path}`, headers: new AxiosHeaders() };
    return send(config);
  };
  return { call, clock, requests: () => upstream.requests.length };
}

describe('an hour of calls costs ten token requests (claim 7.6)', () => {
  it('where all are answered with invalid_token: 10 calls/s, since 1000 would take a minute', async () => {
    const { call, clock, requests } = calling(() => true);
    for (let time = 0; time < HOUR; time += SECOND) {
      await Promise.all(Array.from({ length: 10 }, () => call('/products')));
      await clock.advance(SECOND);
    }
    expect(requests()).toBe(10);
  });

  it('where one of two hosts behind the target rejects every token: a call every 11 s', async () => {
    const { call, clock, requests } = calling((_, count) => count % 2 === 1);
    for (let time = 0; time < HOUR; time += 11 * SECOND) {
      await call('/products');
      await clock.advance(11 * SECOND);
    }
    expect(requests()).toBe(10);
  });
});

it('costs one token request an hour in the end if one path rejects every token, and others accept them', async () => {
  const { call, clock, requests } = calling((path) => path === '/broken');
  const hours = [];
  for (let hour = 0; hour < 5; hour += 1) {
    const before = requests();
    for (let time = 0; time < HOUR; time += 11.25 * SECOND) {
      await call('/broken');
      await clock.advance(10.5 * SECOND);
      await call('/products');
      await clock.advance(0.75 * SECOND);
    }
    hours.push(requests() - before);
  }
  expect(hours).toEqual([10, 1, 1, 1, 1]);
});

it('a token that was replaced for another target meanwhile is not replaced again', async () => {
  const { manager, upstream } = simulatedTokenManager({}, (count) => granted(`t${count}`, 86_400));
  const parameters = PARAMETERS;
  const { value: instead } = await manager.getAccessToken(parameters);
  const options = { forceRenewal: true, instead, again: true };
  await expect(manager.getAccessToken(parameters, options)).resolves.toMatchObject({ value: 't2' });
  await expect(manager.getAccessToken(parameters, options)).resolves.toMatchObject({ value: 't2' });
  expect(upstream.requests).toHaveLength(2);
});
