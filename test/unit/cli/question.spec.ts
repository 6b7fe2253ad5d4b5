import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ask } from '../../../lib/cli/question.js';

/** A terminal, and a person at it who types. */
async function answer(typed: string): Promise<boolean> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const answered = ask('Send a token request?', input, output);
  input.write(typed);
  try {
    return await answered;
  } finally {
    expect(String(output.read())).toContain('Send a token request? [y/N] ');
  }
}

describe('ask', () => {
  it.each(['y\r', 'Y\n', 'yes\r', ' YES \r'])('takes %j for a yes', async (typed) => {
    expect(await answer(typed)).toBe(true);
  });

  it.each(['n\r', '\r', 'yess\r', 'no\r', 'y y\r', '\u0004'])('takes %j for a no', async (typed) => {
    expect(await answer(typed)).toBe(false);
  });

  it('takes the end of the input for a no', async () => {
    const input = new PassThrough();
    const answered = ask('Send a token request?', input, new PassThrough());
    input.end();
    expect(await answered).toBe(false);
  });

  it('ends the command with Ctrl+C, whatever was typed before', async () => {
    await expect(answer('\u0003')).rejects.toThrow('ended by Ctrl+C');
    await expect(answer('y\u0003')).rejects.toThrow('ended by Ctrl+C');
  });
});
