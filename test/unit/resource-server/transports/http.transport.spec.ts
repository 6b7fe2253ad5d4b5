import { describe, expect, it } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { M2MConfigurationError } from '../../../../lib/errors/configuration.error.js';
import type { M2MCaller } from '../../../../lib/caller/m2m-caller.js';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import { HttpTransport } from '../../../../lib/resource-server/transports/http.transport.js';
import type { M2MRequest } from '../../../../lib/resource-server/transports/m2m-request.js';
import type { Refusal } from '../../../../lib/resource-server/transports/refusal.js';

type Headers = Record<string, string>;

/** What an adapter of Nest does for a transport: a response is the record of its headers. */
const adapterHost = {
  httpAdapter: { setHeader: (response: Headers, name: string, value: string) => void (response[name] = value) },
} as unknown as HttpAdapterHost;

const request: M2MRequest = { headers: { authorization: 'Bearer abc' }, url: '/?q=text' };
const contextOf = (...args: unknown[]): ExecutionContextHost => new ExecutionContextHost(args);
const cause = new InvalidTokenError('absent', 'for the log');

function refused(refusal: Pick<Refusal, 'status' | 'challenge' | 'retryAfter'>): { headers: Headers; error: unknown } {
  const headers: Headers = {};
  try {
    return new HttpTransport(adapterHost).refuse(contextOf(request, headers), {
      ...refusal,
      description: 'no',
      error: undefined,
      scope: undefined,
      level: 'warn',
      cause,
    });
  } catch (error) {
    return { headers, error };
  }
}

describe('HttpTransport', () => {
  const transport = new HttpTransport(adapterHost);

  it.each(['http', 'rpc', 'ws', 'graphql', 'rmq'])('handles HTTP and nothing else: %s', (type) => {
    const context = contextOf(request);
    context.setType(type);
    expect(transport.handles(context)).toBe(type === 'http');
  });

  it('reads the credentials and the texts of the request, and attaches the caller to it', () => {
    const own = { ...request };
    const caller = { clientId: 'orders' } as M2MCaller;
    transport.attach(contextOf(own), caller);
    expect(transport.credentials(contextOf(own))).toEqual({ scheme: 'Bearer', token: 'abc' });
    expect(transport.texts(contextOf(own)).elsewhere).toContain('/?q=text');
    expect([own.m2m, transport.requestOf(contextOf(own))]).toEqual([caller, own]);
  });

  it('reads elsewhere if it is told where, attaches there too, and still stands by the request itself', () => {
    const other: M2MRequest = { headers: { authorization: 'Bearer other' }, url: '/other' };
    const elsewhere = new HttpTransport(adapterHost, () => other);
    const original: M2MRequest = { ...request };
    const context = contextOf(original);
    elsewhere.attach(context, { clientId: 'orders' } as M2MCaller);
    expect(elsewhere.credentials(context).token).toBe('other');
    expect(elsewhere.texts(context)).toEqual({
      credentials: expect.stringMatching(/^Bearer other\n/),
      elsewhere: '/other',
    });
    expect([other.m2m?.clientId, original.m2m?.clientId]).toEqual(['orders', 'orders']);
    expect(elsewhere.requestOf(context)).toBe(original);
  });

  it.each([
    ['a spread copy, whose headers are gone', {}],
    ['nothing', undefined],
  ])('throws if the request that it is told to read is %s', (_name, read) => {
    const elsewhere = new HttpTransport(adapterHost, () => read as M2MRequest);
    const run = (): unknown => elsewhere.credentials(contextOf({ ...request }));
    expect(run).toThrow(M2MConfigurationError);
    expect(run).toThrow('Object.create(request)');
  });

  it('throws the exception of a status, which answers the description and keeps the cause', () => {
    for (const status of [400, 401, 403, 503] as const) {
      const { error } = refused({ status, challenge: undefined, retryAfter: undefined });
      expect(error).toMatchObject({ status, cause, response: { message: 'no', statusCode: status } });
    }
  });

  it('writes the headers that a refusal has, and no others', () => {
    expect(refused({ status: 401, challenge: 'Bearer realm="api"', retryAfter: undefined }).headers).toEqual({
      'WWW-Authenticate': 'Bearer realm="api"',
    });
    expect(refused({ status: 503, challenge: undefined, retryAfter: 30 }).headers).toEqual({ 'Retry-After': '30' });
  });
});
