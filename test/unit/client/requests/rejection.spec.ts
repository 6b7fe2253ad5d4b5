import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isAcceptance, isReplayable } from '../../../../lib/client/requests/rejection.js';

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
  ])('%s', (_, data, replayable) => {
    expect(isReplayable({ data } as InternalAxiosRequestConfig)).toBe(replayable);
  });
});

describe('isAcceptance', () => {
  it.each([
    [200, true],
    [304, true],
    [403, true],
    [404, true],
    [401, false],
    [500, false],
    [503, false],
  ])('%d', (status, acceptance) => {
    expect(isAcceptance({ status } as AxiosResponse)).toBe(acceptance);
  });
});
