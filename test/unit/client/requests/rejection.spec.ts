import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { request, type ClientRequest } from 'node:http';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import {
  applyAnswer,
  applyRule,
  discard,
  isFromTarget,
  isRepeatable,
  isReplayable,
} from '../../../../lib/client/requests/rejection.js';
import type { Observation } from '../../../../lib/client/requests/schemes/token-scheme.js';
import { Readable } from 'node:stream';

const headers = { 'X-Token': 'the-token' };

describe('applyRule', () => {
  it.each<[Parameters<typeof applyRule>[0], Observation, number, Observation]>([
    ['auto', 'rejected', 401, 'rejected'],
    ['auto', 'unexplained', 401, 'rejected'],
    ['auto', 'unchallenged', 401, 'unchallenged'],
    ['auto', 'unknown', 401, 'unknown'],
    ['auto', 'accepted', 200, 'accepted'],
    ['auto', 'again', 401, 'again'],
    ['invalid_token', 'rejected', 401, 'rejected'],
    ['invalid_token', 'unexplained', 401, 'unknown'],
    ['invalid_token', 'unchallenged', 401, 'unknown'],
    ['invalid_token', 'accepted', 200, 'accepted'],
    ['invalid_token', 'again', 401, 'again'],
    ['401', 'unknown', 401, 'rejected'],
    ['401', 'unchallenged', 401, 'rejected'],
    ['401', 'unknown', 503, 'unknown'],
    ['401', 'again', 401, 'again'],
    ['never', 'rejected', 401, 'unknown'],
    ['never', 'unchallenged', 401, 'unknown'],
    ['never', 'accepted', 200, 'accepted'],
    ['never', 'again', 401, 'again'],
  ])('with rejectedWhen %s, what the scheme reads as %s (%d) is %s', (rule, observed, status, expected) => {
    expect(applyRule(rule, observed, status)).toBe(expected);
  });
});

describe('applyAnswer', () => {
  it.each<[boolean | undefined, Observation, Observation]>([
    [true, 'accepted', 'rejected'],
    [true, 'unknown', 'rejected'],
    [true, 'again', 'again'],
    [false, 'rejected', 'unknown'],
    [false, 'unchallenged', 'unknown'],
    [false, 'accepted', 'accepted'],
    [undefined, 'accepted', 'unknown'],
    [undefined, 'rejected', 'unknown'],
  ])('a function that says %s about what the scheme reads as %s makes it %s', (rejects, observed, expected) => {
    expect(applyAnswer(rejects, observed)).toBe(expected);
  });
});

describe('a response', () => {
  let sent: ClientRequest;

  beforeEach(() => {
    sent = request('http://127.0.0.1:9').on('error', () => undefined);
  });

  afterEach(() => {
    sent.destroy();
  });

  it('is not that of the target if a redirect took the token from the request', () => {
    expect(isFromTarget({ request: sent } as AxiosResponse, headers)).toBe(false);
    sent.setHeader('x-token', 'another');
    expect(isFromTarget({ request: sent } as AxiosResponse, headers)).toBe(false);
  });

  it('is that of the target if the redirect kept the token, or if the adapter hides its request', () => {
    sent.setHeader('x-token', 'the-token');
    expect(isFromTarget({ request: sent } as AxiosResponse, headers)).toBe(true);
    expect(isFromTarget({ request: undefined } as AxiosResponse, headers)).toBe(true);
  });
});

describe('isRepeatable', () => {
  it.each<[string | undefined, number, boolean]>([
    ['post', 401, true],
    ['patch', 403, true],
    ['post', 498, false],
    ['PATCH', 200, false],
    ['copy', 498, false],
    ['get', 498, true],
    ['PUT', 498, true],
    [undefined, 498, true],
  ])('%s after %d: %s', (method, status, expected) => {
    expect(isRepeatable({ method } as InternalAxiosRequestConfig, status)).toBe(expected);
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
