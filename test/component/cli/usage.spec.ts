import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { run } from '../../../lib/cli/run.js';

const TOKEN = ['token', '--issuer', 'https://id.example.com', '--client-id', 'a'];

describe('nestjs-m2m', () => {
  it.each<[readonly string[], RegExp]>([
    [['serve', '--scope', 'a b'], /argument 'a b' is invalid. It is several scopes; write: --scope a --scope b\n/],
    [['serve', '--scope', 'a"b'], /argument 'a"b' is invalid. It is no scope; write: --scope read:products\n/],
    [['serve', '--token-lifetime', '0'], /argument '0' .*between 1 and 31536000; write: --token-lifetime 60\n/],
    [['serve', '--token-lifetime', '1e3'], /argument '1e3' is invalid. It is no whole number/],
    [['serve', '--signing-alg', 'HS256'], /argument 'HS256' is invalid. Allowed choices are RS256, /],
    [['serve', '--dialect', 'other'], /argument 'other' is invalid. Allowed choices are standard, /],
    [['serve', '--port', '65536'], /argument '65536' .*between 0 and 65535; write: --port 4710\n/],
    [['serve', '--resource', ' '], /argument ' ' is invalid. It is empty; write: --resource https:/],
    [['serve', '--user', ''], /argument '' is invalid. It is empty; write: --user anna\n/],
    [['serve', '--organization', ''], /It is empty; write: --organization acme\n/],
    [
      ['serve', '--organization', 'acme'],
      /--organization does nothing with --dialect standard\n\s+write: --dialect auth0/,
    ],
    [
      ['serve', '-d', 'logto', '--public-key', 'a:b'],
      /--public-key does nothing with --dialect logto\n\s+write: --dial/,
    ],
    [
      ['serve', '--client', 's3cret'],
      /--client has no client id in front of a colon\n\s+write: --client my-service:its/,
    ],
    [['serve', '--client', ':s3cret'], /--client has no client id in front of a colon/],
    [['serve', '--client', 'a:'], /--client names 'a' without a secret/],
    [['serve', '-c', 'a:s3cret', '-c', 'a:s3cret'], /--client names 'a' twice/],
    [
      ['serve', '--public-key', 'a:/nowhere'],
      /--public-key cannot be read: ENOENT: \/nowhere\n\s+write: --public-key a:/,
    ],
    [
      ['serve', '--client-scope', 'b:read:products'],
      /--client-scope names 'b', which is no client\n\s+write: --client b:/,
    ],
    [
      ['serve', '--client-scope', 'test-client:x'],
      /--client-scope names 'x', which no API has\n\s+write: --scope x, or/,
    ],
    [[...TOKEN, '--scope', 'a "b"'], /argument 'a "b"' .*character that no scope may have; write: --scope 'read:/],
    [[...TOKEN, '--provider', 'other'], /argument 'other' is invalid. Allowed choices are auth0, /],
    [[...TOKEN, '--audience', ''], /argument '' is invalid. It is empty; write: --audience https:/],
    [[...TOKEN, '--resource', ''], /argument '' is invalid. It is empty; write: --resource https:/],
    [[...TOKEN, '--organization', ' '], /argument ' ' is invalid. It is empty; write: --organization acme/],
    [[...TOKEN, '--client-id', ''], /argument '' is invalid. It is empty; write: --client-id my-service/],
    [
      ['token', '--issuer', 'https://acme.eu.auth0.com/', '--client-id', 'a', '--resource', "a'b"],
      /--resource is 'a'b', but Auth0 has no such field\n\s+write: --audience 'a'\\''b'\n/,
    ],
    [
      [...TOKEN, '--issuer', 'https://u:s3cret@x'],
      /--issuer holds a user name or a password\n\s+write: --issuer https:/,
    ],
  ])('refuses %j with exit code 2, and says what to write without a secret', async (args, said) => {
    const [out, error]: [string[], string[]] = [[], []];
    const code = await run(args, {
      environment: { M2M_CLIENT_SECRET: 's3cret' },
      input: Readable.from([]),
      write: (text) => void out.push(text),
      writeError: (text) => void error.push(text),
      interruption: () => AbortSignal.abort(),
    });
    expect({ code, out, error: error.join('') }).toEqual({ code: 2, out: [], error: expect.stringMatching(said) });
    expect(error.join('')).not.toContain('s3cret');
  });
});
