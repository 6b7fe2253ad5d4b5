import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { create } from 'axios';
import { firstValueFrom } from 'rxjs';
import type { TokenParameters } from '../../../lib/authorization-servers/authorization-server.js';
import { hydra } from '../../../lib/authorization-servers/hydra.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import type { M2MClientService } from '../../../lib/client/m2m-client.service.js';
import { M2MConfigurationError } from '../../../lib/errors/configuration.error.js';
import { NoCallerTokenError } from '../../../lib/errors/no-caller-token.error.js';
import type { M2MNamedClientOptions } from '../../../lib/options/client-options.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { inRequestOf, tokenOf } from '../../support/caller.js';
import { clientService, CLIENT_SECRET } from '../../support/calling-service.js';
import { basicCredentials, json, TestHttpServer } from '../../support/http-server.js';

const OWN_ISSUER = 'http://127.0.0.1:1';
const THEIR_ISSUER = 'https://id.tenant.example';

let api: TestHttpServer;
let issuing: TestHttpServer;
let clock: TestClock;
/** The tenants as a database has them. */
let tenants: Map<string, M2MNamedClientOptions>;
let m2m: M2MClientService;
/** While set, the target rejects tokens, and this happens before. */
let rejecting: (() => void) | undefined;

const sent = () => api.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
const exchanges = () =>
  issuing.requests.map(({ headers, body }) => {
    const [client] = basicCredentials(headers).split(':');
    return [client, new URLSearchParams(body).get('subject_token')];
  });
const subject = (token: string, of: Partial<M2MCaller> = {}) =>
  tokenOf(token, { expiresAt: clock.wall() + 3_600_000, ...of });

function call(tenant: string, token: string, of?: Partial<M2MCaller>): Promise<unknown> {
  const onBehalfOf = subject(token, of);
  return firstValueFrom(m2m.client(tenant).for('products').get('/', { m2m: { onBehalfOf } }));
}

beforeEach(async () => {
  clock = new TestClock();
  tenants = new Map(['a', 'b'].map((id) => [id, { clientId: id, clientSecret: `secret-of-${id}` }]));
  rejecting = undefined;
  api = await TestHttpServer.start((_, response) => {
    if (!rejecting) return json(response, 200, {});
    rejecting();
    json(response, 401, {}, { 'www-authenticate': 'Bearer error="invalid_token"' });
  });
  issuing = await TestHttpServer.start(({ headers, body }, response) => {
    const [id, secret] = basicCredentials(headers).split(':');
    if (secret !== tenants.get(`${id}`)?.clientSecret) return json(response, 401, { error: 'invalid_client' });
    const value = `${id}-for-${new URLSearchParams(body).get('subject_token')}-${issuing.requests.length}`;
    json(response, 200, { access_token: value, token_type: 'Bearer', expires_in: 3600 });
  });
  const products = { url: `${api.url}/products`, token: 'exchange', audience: 'products-api' } as const;
  const options = {
    authorizationServer: { name: 'test', issuer: OWN_ISSUER, tokenEndpoint: `${issuing.url}/token` },
    client: {
      clientId: 'orders',
      clientSecret: CLIENT_SECRET,
      clients: { resolve: (name: string) => tenants.get(name), allowedHosts: ['127.0.0.1'] },
      targets: {
        products: { ...products, usableBy: 'any-client' as const },
        ofB: { ...products, url: api.url, client: 'b' },
      },
    },
    resourceServer: { audience: 'orders-api' },
  };
  ({ m2m } = clientService(options, clock));
});

afterEach(() => Promise.all([api.stop(), issuing.stop()]));

describe('an exchange by a client that the function of clients returns', () => {
  it('is made with the credentials of that client, and each client has tokens of its own', async () => {
    await call('a', 'token-1');
    await call('b', 'token-1');
    await call('a', 'token-1');
    expect(exchanges()).toEqual([
      ['a', 'token-1'],
      ['b', 'token-1'],
    ]);
    expect(sent()).toEqual(['a-for-token-1-1', 'b-for-token-1-2', 'a-for-token-1-1']);
  });

  it('is made in every way to call, for the caller of the request that the code runs for too', async () => {
    const onBehalfOf = subject('token-1');
    const a = m2m.client('a');
    await a.fetch('/', {}, { target: 'products', onBehalfOf });
    await a.fetch(`${api.url}/products/`, {}, { onBehalfOf });
    await firstValueFrom(m2m.for('products').get('/', { m2m: { client: 'a', onBehalfOf } }));
    await firstValueFrom(a.http.get(`${api.url}/products/`, { m2m: { onBehalfOf } }));
    const attached = create();
    a.attach(attached);
    await attached.get(`${api.url}/products/`, { m2m: { onBehalfOf } });
    expect(api.requests).toHaveLength(5);
    await expect(a.getToken({ target: 'products', onBehalfOf })).resolves.toBe('a-for-token-1-1');
    expect(new Set(sent())).toEqual(new Set(['a-for-token-1-1']));
    await inRequestOf('token-2', () => m2m.fetchFor('ofB')('/'));
    expect(sent().at(-1)).toBe('b-for-token-2-2');
  });

  it('goes on with the new secret if the function returns another one', async () => {
    await call('a', 'token-1');
    tenants.set('a', { clientId: 'a', clientSecret: 'new-secret' });
    await clock.advance(61_000);
    await call('a', 'token-2').catch(() => undefined);
    await clock.advance(61_000);
    await call('a', 'token-3');
    expect(sent().at(-1)).toMatch(/^a-for-token-3-/);
  });

  it('leaves no token behind once the client is forgotten', async () => {
    await call('a', 'token-1');
    m2m.forgetClient('a');
    await call('a', 'token-1');
    expect(exchanges()).toHaveLength(2);
    tenants.delete('a');
    m2m.forgetClient('a');
    await expect(call('a', 'token-1')).rejects.toThrow(M2MConfigurationError);
    expect(sent()).toHaveLength(2);
  });

  it('is not made once more for a client that was forgotten while the target rejected its token', async () => {
    rejecting = () => m2m.forgetClient('a');
    await expect(call('a', 'token-1')).rejects.toMatchObject({ status: 401 });
    expect(exchanges()).toHaveLength(1);
  });

  it('is for the caller that the request named when it was made, while the client is looked for (claim 9.4)', async () => {
    class Options {
      onBehalfOf = subject('token-1');
    }
    const options = new Options();
    const calling = firstValueFrom(m2m.client('a').for('products').get('/', { m2m: options }));
    options.onBehalfOf = subject('token-2');
    await calling;
    expect(exchanges()).toEqual([['a', 'token-1']]);
  });

  it('is held to what its server takes in an exchange, and not in requests for tokens of its own', async () => {
    const authorizationServer = {
      ...oidc({ issuer: THEIR_ISSUER }),
      tokenEndpoint: `${issuing.url}/token`,
      tokenParameters: ({ audience, grantType = 'client_credentials' }: TokenParameters) => {
        if (grantType === 'client_credentials' && audience) throw new Error('not for the client itself');
        return { audience };
      },
    };
    tenants.set('a', { ...(tenants.get('a') as M2MNamedClientOptions), authorizationServer });
    await call('a', 'token-1', { issuer: THEIR_ISSUER });
    expect(exchanges()).toEqual([['a', 'token-1']]);
  });

  it('shows the token of a caller to no server but its own issuer (claim 1.25)', async () => {
    const authorizationServer = { ...oidc({ issuer: THEIR_ISSUER }), tokenEndpoint: `${issuing.url}/token` };
    tenants.set('a', { ...(tenants.get('a') as M2MNamedClientOptions), authorizationServer });
    await expect(call('a', 'token-1', { issuer: OWN_ISSUER })).rejects.toThrow(NoCallerTokenError);
    await expect(call('b', 'token-1', { issuer: THEIR_ISSUER })).rejects.toThrow(NoCallerTokenError);
    expect(exchanges()).toEqual([]);
    await call('a', 'token-1', { issuer: THEIR_ISSUER });
    expect(exchanges()).toEqual([['a', 'token-1']]);
  });

  it('is refused, by the names of target and client, if its server exchanges no tokens', async () => {
    const authorizationServer = { ...hydra({ issuer: THEIR_ISSUER }), tokenEndpoint: `${issuing.url}/token` };
    tenants.set('a', { ...(tenants.get('a') as M2MNamedClientOptions), authorizationServer });
    const error: unknown = await call('a', 'token-1', { issuer: THEIR_ISSUER }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(M2MConfigurationError);
    expect((error as M2MConfigurationError).problems).toMatchObject([
      { option: 'client.targets.products.token', problem: expect.stringMatching(/exchanges no tokens.*client a/) },
    ]);
    expect(sent()).toEqual([]);
  });
});
