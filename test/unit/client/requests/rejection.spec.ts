import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { request, type ClientRequest } from 'node:http';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Destination } from '../../../../lib/client/requests/destination.js';
import { observeResponse, discard, isReplayable } from '../../../../lib/client/requests/rejection.js';
import type { Observation } from '../../../../lib/client/requests/schemes/token-scheme.js';
import { Readable } from 'node:stream';

const headers = { 'X-Token': 'the-token' };

/** What a response means if the scheme reads it as `observed`. */
function observe(observed: Observation, status: number, renewOn401: string, sent?: ClientRequest): Observation {
  const scheme = { tokenType: 'Test', prepare: () => headers, observe: () => observed };
  const destination = { target: { renewOn401 }, url: new URL('https://shop.example/api') } as Destination;
  return observeResponse(scheme, destination, headers, { status, headers: {}, request: sent } as AxiosResponse);
}

describe('observeResponse', () => {
  it.each<[string, Observation, number, Observation]>([
    ['invalid_token', 'rejected', 401, 'rejected'],
    ['invalid_token', 'unknown', 401, 'unknown'],
    ['invalid_token', 'accepted', 200, 'accepted'],
    ['invalid_token', 'again', 401, 'again'],
    ['any', 'unknown', 401, 'rejected'],
    ['any', 'unknown', 503, 'unknown'],
    ['any', 'again', 401, 'again'],
    ['never', 'rejected', 401, 'unknown'],
    ['never', 'accepted', 200, 'accepted'],
  ])('with renewOn401 %s, what the scheme reads as %s (%d) is %s', (renewOn401, observed, status, expected) => {
    expect(observe(observed, status, renewOn401)).toBe(expected);
  });
});

describe('a response to a request that a redirect took the token from', () => {
  let sent: ClientRequest;

  beforeEach(() => {
    sent = request('http://127.0.0.1:9').on('error', () => undefined);
  });

  afterEach(() => {
    sent.destroy();
  });

  it.each<[number, Observation]>([
    [200, 'accepted'],
    [401, 'unknown'],
    [404, 'unknown'],
    [503, 'unknown'],
  ])('is not read by the scheme: %d is %s', (status, expected) => {
    expect(observe('rejected', status, 'any', sent)).toBe(expected);
  });

  it('is that of the target if the redirect kept the token', () => {
    sent.setHeader('x-token', 'the-token');
    expect(observe('rejected', 401, 'any', sent)).toBe('rejected');
    sent.setHeader('x-token', 'another');
    expect(observe('rejected', 401, 'any', sent)).toBe('unknown');
  });
});

describe('isReplayable', () => {
  it.each<[string, unknown, boolean]>([
    ['no body', undefined, true],
    ['null', null, true],
    ['a string', 'text', true],
    ['bytes', Buffer.from('text'), true],
    ['a form', new URLSearchParams(), true],
    ['a multipart form', new FormData(), true],
    ['a Blob', new Blob([]), true],
    ['a stream', new Readable(), false],
    ['a stream of the old kind', { pipe: () => undefined }, false],
    ['a web stream', new ReadableStream(), false],
  ])('is known of %s', (_, data, replayable) => {
    expect(isReplayable({ data } as InternalAxiosRequestConfig)).toBe(replayable);
  });
});

describe('discard', () => {
  it('destroys a stream of Node', () => {
    const data = new Readable({ read() {} });
    discard(data);
    expect(data.destroyed).toBe(true);
  });

  it('cancels a stream of the web', () => {
    let isCancelled = false;
    discard(new ReadableStream({ cancel: () => void (isCancelled = true) }));
    expect(isCancelled).toBe(true);
  });

  it.each(['text', undefined, null, { a: 1 }])('leaves %j alone', (data) => {
    expect(() => discard(data)).not.toThrow();
  });
});
