import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { TestDialectName } from '../../../lib/testing/index.js';
import { command } from '../../support/cli.js';
import { inShell, serving } from './serving.js';

type Answer = Readonly<Record<string, unknown>>;

/** The line below a title in what `serve` printed. */
function lineBelow(out: readonly string[], title: string): string | undefined {
  const lines = (out[0] ?? '').split('\n');
  const at = lines.findIndex((line) => line.startsWith(title));
  return at < 0 ? undefined : lines[at + 2]?.trim();
}

async function answerTo(line: string | undefined): Promise<Answer> {
  return JSON.parse(await inShell(line ?? 'echo null')) as Answer;
}

describe('nestjs-m2m serve --opaque', () => {
  it.each<[TestDialectName, string]>([
    ['standard', 'https://api.example.test'],
    ['simpleIdServer', 'https://api.example.test'],
    ['spring', 'https://api.example.test'],
    ['keycloak', 'orders'],
  ])('issues tokens that only the printed introspection can read: %s', async (dialect, resource) => {
    const args = ['--dialect', dialect, '--opaque', '--client', "orders:s'3cret", '--resource', resource];
    await using server = await serving(args);
    const { access_token: token } = await answerTo(lineBelow(server.out, 'A token by hand:'));
    expect(String(token).split('.')).not.toHaveLength(3);
    const line = lineBelow(server.out, 'What a token stands for:')?.replace('token=TOKEN', `token=${String(token)}`);
    expect(await answerTo(line)).toMatchObject({ active: true, exp: expect.any(Number) });
  });

  it('makes tokens of users opaque, too', async () => {
    await using server = await serving(['--opaque', '--user', 'anna']);
    expect(lineBelow(server.out, 'A token that the user anna gave test-client:')?.split('.')).not.toHaveLength(3);
    const exchanged = await answerTo(lineBelow(server.out, 'Exchanged for one'));
    expect(exchanged).toMatchObject({ access_token: expect.any(String) });
  });

  it('is refused with a product that introspects nothing', async () => {
    const { code, error } = await command('serve --opaque --dialect cognito');
    expect({ code, error }).toMatchObject({
      code: 2,
      error: expect.stringMatching(/--opaque does nothing with --dialect cognito\n\s+write: --dialect standard or /),
    });
  });
});

describe('nestjs-m2m serve', () => {
  it('prints no line for introspection if tokens can be read', async () => {
    await using server = await serving([]);
    expect(server.out[0]).toMatch(/introspection {3}http:\S+\/introspect\n/);
    expect(lineBelow(server.out, 'What a token stands for:')).toBeUndefined();
  });

  it.each(['a#b$c d"e', "it's", 's3cret', '$(false)', 'a;b', '`a`', 'a+b=c'])(
    'prints variables that a shell and an env file read alike, with the secret %s',
    async (secret) => {
      await using server = await serving(['--client', `orders:${secret}`, '--resource', 'https://shop']);
      const printed = [...(server.out[0] ?? '').matchAll(/^ +(M2M_\w+=.*)$/gm)].map(([, line = '']) => line);
      const inFile = parseEnv(printed.join('\n'));
      expect(inFile).toMatchObject({ M2M_CLIENT_SECRET: secret, M2M_SCOPE: 'read:products write:products' });
      const read = Object.keys(inFile).map((name) => `printf '%s\\n' "${name}=$${name}"`);
      const inShellToo = await inShell(`${printed.join('\n')}\n${read.join('\n')}`);
      expect(inShellToo.trim().split('\n')).toEqual(Object.entries(inFile).map((each) => each.join('=')));
    },
  );

  it('names its introspection endpoint in JSON', async () => {
    await using server = await serving(['--json']);
    const described = JSON.parse(server.out[0]!) as { issuer: string };
    expect(described).toMatchObject({ introspectionEndpoint: `${described.issuer}/introspect` });
  });

  it.each<[TestDialectName, Answer]>([
    ['standard', { sub: 'anna', client_id: 'orders', act: { sub: 'orders' } }],
    ['keycloak', { sub: 'anna', azp: 'orders' }],
    ['entraId', { oid: 'anna', azp: 'orders' }],
  ])("prints a line that exchanges a user's token for one to the last API: %s", async (dialect, claims) => {
    const resources = ['--resource', 'https://orders.example', '--resource', 'https://products.example'];
    await using server = await serving(['-d', dialect, '-c', 'orders:s p', '--user', 'anna', ...resources]);
    const line = lineBelow(server.out, 'Exchanged for one to https://products.example:');
    const { access_token: token } = await answerTo(line);
    expect(decodeJwt(String(token))).toMatchObject({ aud: 'https://products.example', ...claims });
  });

  it('prints no such line for a product that exchanges nothing', async () => {
    await using server = await serving(['--dialect', 'auth0', '--user', 'anna']);
    expect(lineBelow(server.out, 'A token that the user anna gave test-client:')).toMatch(/^ey/);
    expect(server.out[0]).not.toContain('Exchanged');
  });

  it('prints nothing of the tokens that it is sent (claim 8.6)', async () => {
    await using server = await serving(['--user', 'anna']);
    const token = lineBelow(server.out, 'A token that the user anna gave test-client:')!;
    const { access_token: exchanged } = await answerTo(lineBelow(server.out, 'Exchanged for one'));
    const [, ...requests] = server.out;
    expect(requests).toEqual(['POST /token test-client 200\n']);
    expect(requests.join('')).not.toContain(token);
    expect(requests.join('')).not.toContain(exchanged);
  });
});
