import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import type { InternalAxiosRequestConfig } from 'axios';
import { discard, isReplayable } from '../../../../lib/client/requests/replay.js';

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
