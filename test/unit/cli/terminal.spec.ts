import { describe, expect, it } from '@jest/globals';
import { asciiOnly, withoutTokens, type Terminal } from '../../../lib/cli/terminal.js';

function terminal(written: string[]): Terminal {
  return {
    environment: {},
    input: (async function* (): AsyncGenerator<string> {})(),
    write: (text) => void written.push(text),
    writeError: (text) => void written.push(text),
    interruption: () => AbortSignal.abort(),
    ask: (question) => {
      written.push(question);
      return Promise.resolve(true);
    },
  };
}

describe('asciiOnly', () => {
  it('escapes what is written and what is asked, and keeps new lines (claim 8.2)', async () => {
    const written: string[] = [];
    const { write, writeError, ask } = asciiOnly(terminal(written));
    write('a\u001b[2J\nb');
    writeError('\u202e');
    await ask?.('\r\u00e9?');
    expect(written).toEqual([String.raw`a\u001b[2J` + '\nb', String.raw`\u202e`, String.raw`\u000d\u00e9?`]);
  });
});

describe('withoutTokens', () => {
  it.each(['{"alg":"RS256"}', '{ "alg":"RS256"}', '{\n"alg":"RS256"}', '{\r\n"alg":"RS256"}', '{\t"alg":"RS256"}'])(
    'hides a token whose header is written as %j (claim 8.5)',
    (header) => {
      const written: string[] = [];
      const token = `${Buffer.from(header).toString('base64url')}.payload.signature`;
      withoutTokens(terminal(written)).write(`a ${token}, b`);
      withoutTokens(terminal(written)).writeError(`"${token.slice(0, -4)}"`);
      expect(written).toEqual(['a [token], b', '"[token]"']);
    },
  );
});
