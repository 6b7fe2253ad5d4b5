import { createHmac, createPublicKey } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CallerNotAllowedError } from '../../../lib/errors/caller-not-allowed.error.js';
import type { M2MResourceServerEvent } from '../../../lib/resource-server/events/m2m-resource-server-event.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import { TestClock } from '../../../lib/testing/test-clock.js';
import { base64url, signCompact, testAudience, TestIssuer, type TestKey } from '../../support/issuer.js';
import { verificationApp } from './verification-app.js';

const clock = new TestClock();
const now = clock.wall() / 1000;
let issuer: TestIssuer;
let rsa: TestKey;
let app: Awaited<ReturnType<typeof verificationApp>>;
let verifier: M2MTokenVerifier;

beforeAll(async () => {
  issuer = await TestIssuer.start({ now: () => clock.wall() });
  rsa = await issuer.key('RS256');
  for (const alg of ['ES256', 'EdDSA']) await issuer.key(alg);
  const resourceServer = { audience: testAudience, maxTokenAge: 3_600_000 };
  app = await verificationApp({ authorizationServer: issuer.authorizationServer, resourceServer }, clock);
  verifier = app.get(M2MTokenVerifier);
});
afterAll(async () => {
  await app.close();
  await issuer.stop();
});

const claims = (members = {}): string => JSON.stringify(issuer.claims(members));
const header = (members = {}): string => JSON.stringify({ alg: 'RS256', kid: rsa.kid, typ: 'at+jwt', ...members });
const raw = (rawHeader: string, rawClaims: string): string => issuer.mintRaw(rsa, rawHeader, rawClaims);

/** Replaces a part of a good token, and keeps its signature. */
async function tampered(change: (parts: string[]) => string[], alg?: string): Promise<string> {
  return change((await issuer.mint({}, {}, alg)).split('.')).join('.');
}

async function withSignatureOf(otherClaims: object): Promise<string> {
  const [other, token] = [await issuer.mint({ ...otherClaims }), await issuer.mint()];
  return `${token.slice(0, token.lastIndexOf('.'))}${other.slice(other.lastIndexOf('.'))}`;
}

/** The classic: the public key as the secret of a symmetric signature. */
function confused(key: TestKey, format: 'pem' | 'der'): string {
  const input = `${base64url(header({ alg: 'HS256' }))}.${base64url(claims())}`;
  const secret = createPublicKey(key.privateKey).export({ format: 'pem', type: 'spki' });
  const bytes = format === 'pem' ? secret : createPublicKey(secret).export({ format: 'der', type: 'spki' });
  return `${input}.${createHmac('sha256', bytes).update(input).digest('base64url')}`;
}

type Case = readonly [what: string, reason: string, token: () => string | Promise<string>];

const forged: readonly Case[] = [
  ['no signature', 'malformed', () => tampered(([a = '', b = '']) => [a, b, ''])],
  ['the signature of another token', 'signature', () => withSignatureOf({ jti: 'other' })],
  ['other claims', 'signature', () => tampered(([a = '', , c = '']) => [a, base64url(claims({ scope: 'admin' })), c])],
  ['another kid', 'key', () => issuer.mint({}, { kid: 'other' })],
  ['another key under the same kid', 'signature', () => signedByStranger('RS256')],
  ['another elliptic key under the same kid', 'signature', () => signedByStranger('ES256')],
  ['another Edwards key under the same kid', 'signature', () => signedByStranger('EdDSA')],
  ['a zero signature', 'signature', () => tampered(([a = '', b = '']) => [a, b, base64url(Buffer.alloc(64))], 'ES256')],
  ['an empty elliptic signature', 'signature', () => tampered(([a = '', b = '']) => [a, b, 'AAAA'], 'ES256')],
  ['an Edwards signature cut short', 'signature', () => tampered(([a = '', b = '']) => [a, b, 'AAAA'], 'EdDSA')],
  ['alg none', 'algorithm', () => raw(header({ alg: 'none' }), claims())],
  ['alg none without signature', 'malformed', () => `${base64url(header({ alg: 'none' }))}.${base64url(claims())}.`],
  ['HS256 with the public key', 'algorithm', () => confused(rsa, 'pem')],
  ['HS256 with the bytes of the public key', 'algorithm', () => confused(rsa, 'der')],
  [
    'an algorithm that the key is not for',
    'key',
    () => signCompact({ ...rsa, alg: 'PS256' }, inputOf({ alg: 'PS256' })),
  ],
  ['the key of another algorithm', 'key', async () => issuer.mint({}, { kid: (await issuer.key('ES256')).kid })],
  ['a key in its header', 'signature', () => signedByStranger('RS256', ({ jwk }) => ({ jwk }))],
  [
    'the address of a key in its header',
    'signature',
    () => signedByStranger('RS256', () => ({ jku: 'http://127.0.0.1:1/' })),
  ],
];

const misshapen: readonly Case[] = [
  ['nothing', 'malformed', () => ''],
  ['no JWT', 'malformed', () => 'opaque'],
  ['a JWE', 'malformed', () => tampered(([a = '', b = '', c = '']) => [a, b, c, b, c])],
  ['a line break', 'malformed', () => tampered(([a = '', b = '', c = '']) => [a, b, `${c}\n`])],
  ['padding', 'malformed', () => tampered(([a = '', b = '', c = '']) => [a, b, `${c}==`])],
  ['unused bits that are set', 'malformed', () => tampered(([a = '', b = '', c = '']) => [a, b, `${c.slice(0, -1)}B`])],
  ['more than 16 KiB', 'too-large', () => issuer.mint({ filler: 'x'.repeat(16 * 1024) })],
  ['a duplicate in its header', 'malformed', () => raw(`{"alg":"none",${header().slice(1)}`, claims())],
  ['a duplicate in its claims', 'malformed', () => raw(header(), `{"scope":"admin",${claims().slice(1)}`)],
  ['a duplicate that is escaped', 'malformed', () => raw(header(), `{"sc\\u006fpe":"admin",${claims().slice(1)}`)],
  ['claims that are a list', 'malformed', () => raw(header(), `[${claims()}]`)],
  ['claims that are null', 'malformed', () => raw(header(), 'null')],
  ['claims that are no JSON', 'malformed', () => raw(header(), claims().slice(1))],
  ['claims after a byte order mark', 'malformed', () => raw(header(), `\ufeff${claims()}`)],
  [
    'claims that are very deep',
    'malformed',
    () => raw(header(), `{"a":${'['.repeat(99)}${']'.repeat(99)},${claims().slice(1)}`),
  ],
  ['a token in its claims', 'malformed', async () => raw(header({ cty: 'JWT' }), await issuer.mint())],
  ['crit', 'critical-header', () => issuer.mint({}, { crit: ['exp'], exp: now })],
  ['b64', 'critical-header', () => issuer.mint({}, { b64: true })],
  ['the type of a DPoP proof', 'type', () => issuer.mint({}, { typ: 'dpop+jwt' })],
  ['the type of a logout token', 'type', () => issuer.mint({}, { typ: 'logout+jwt' })],
  ['control characters in its header', 'type', () => issuer.mint({}, { typ: 'a"\r\nSet-Cookie: b=c\0🚀' })],
  ['a kid that is a number', 'key', () => issuer.mint({}, { kid: 1 })],
  ['a kid of 4 KB', 'key', () => issuer.mint({}, { kid: 'k'.repeat(4096) })],
];

const outOfOrder: readonly Case[] = [
  ['no issuer', 'issuer', () => issuer.mint({ iss: undefined })],
  ['an issuer with a slash more', 'issuer', () => issuer.mint({ iss: `${issuer.issuer}/` })],
  ['an issuer in capitals', 'issuer', () => issuer.mint({ iss: issuer.issuer.toUpperCase() })],
  ['an issuer in a list', 'issuer', () => issuer.mint({ iss: [issuer.issuer] })],
  ['an issuer that is a property of every object', 'issuer', () => issuer.mint({ iss: '__proto__' })],
  ['no end', 'claims', () => issuer.mint({ exp: undefined })],
  ['an end that is a text', 'claims', () => issuer.mint({ exp: String(now + 60) })],
  ['an end in infinity', 'claims', () => raw(header(), claims({ exp: 1 }).replace('"exp":1', '"exp":1e400'))],
  ['its end behind it', 'expired', () => issuer.mint({ exp: now - 5 })],
  ['its beginning before it', 'not-yet-valid', () => issuer.mint({ nbf: now + 6 })],
  ['a beginning that is a text', 'claims', () => issuer.mint({ nbf: '0' })],
  ['been issued in the future', 'not-yet-valid', () => issuer.mint({ iat: now + 6 })],
  ['been issued long ago', 'too-old', () => issuer.mint({ iat: now - 3606 })],
  ['no time of issue', 'claims', () => issuer.mint({ iat: undefined })],
  ['no audience', 'audience', () => issuer.mint({ aud: undefined })],
  ['an empty audience', 'audience', () => issuer.mint({ aud: '' })],
  ['another audience', 'audience', () => issuer.mint({ aud: ['https://other.test'] })],
  ['an audience that begins like ours', 'audience', () => issuer.mint({ aud: `${testAudience}.evil.test` })],
  ['an audience that holds ours further down', 'claims', () => issuer.mint({ aud: [[testAudience]] })],
  ['an audience that is an object', 'claims', () => issuer.mint({ aud: { [testAudience]: true } })],
  ['no client', 'client', () => issuer.mint({ client_id: undefined })],
  ['two clients', 'claims', () => issuer.mint({ azp: 'other' })],
  ['a client that is a number', 'claims', () => issuer.mint({ client_id: 1 })],
  ['a subject that is a number', 'claims', () => issuer.mint({ sub: 1 })],
  ['the nonce of an ID token', 'not-an-access-token', () => issuer.mint({ nonce: 'n' })],
  ['the hash of an ID token', 'not-an-access-token', () => issuer.mint({ at_hash: 'h' })],
  ['the events of a logout token', 'not-an-access-token', () => issuer.mint({ events: {} })],
  ['a key that it is bound to', 'sender-constrained', () => issuer.mint({ cnf: { jkt: 'a' } })],
];

function inputOf(headerMembers: object): string {
  return `${base64url(header(headerMembers))}.${base64url(claims())}`;
}

async function signedByStranger(alg: string, members = (_key: TestKey): object => ({})): Promise<string> {
  await using stranger = await TestIssuer.start({ now: () => clock.wall() });
  const key = await stranger.addKey(alg, { kid: (await issuer.key(alg)).kid });
  return stranger.mintWith(key, { iss: issuer.issuer }, { ...members(key) });
}

it.each<[string, unknown, string]>([
  ['a slash more', 'https://id.test/', 'issuer is "https://id.test/", and not one of ["http://127.0.0.1:'],
  ['what a log may not hold', 'a\r\nb\u2028\u001b[31m', 'issuer is "a\\r\\nb\\u2028\\u001b[31m", and not'],
  ['more than a line', 'a'.repeat(3000), `issuer is "${'a'.repeat(500)}...", and not`],
  ['a number', 1, 'issuer is not named, and not'],
])('says which issuer was seen, with %s', async (_, iss, message) => {
  await expect(issuer.mint({ iss }).then((token) => verifier.verify(token))).rejects.toThrow(message);
});

describe.each([
  ['that is forged', forged],
  ['that is misshapen', misshapen],
  ['that is out of order', outOfOrder],
])('an access token %s', (_what, cases) => {
  it.each(cases)('is refused: one with %s', async (_token, reason, make) => {
    const token = await make();
    const events: M2MResourceServerEvent[] = [];
    const subscription = verifier.events$.subscribe((event) => events.push(event));
    const error = await verifier.verify(token).then(undefined, (refusal: unknown) => refusal);
    subscription.unsubscribe();
    expect(error).toMatchObject({ code: 'ERR_M2M_INVALID_TOKEN', reason });
    expect(events.filter(({ type }) => type === 'token-refused')).toEqual([{ type: 'token-refused', error }]);
    for (const part of token.split('.').filter(({ length }) => length > 20)) {
      expect(inspect(events, { depth: 9 })).not.toContain(part);
    }
    expect(verifier.remembered(token)).toBeUndefined();
  });
});

/** Refused for what they say, whoever signed them. */
const keyless = [...misshapen, ...outOfOrder, ...forged].filter(([, reason]) =>
  ['malformed', 'too-large', 'algorithm', 'issuer', 'expired', 'not-yet-valid', 'too-old', 'audience'].includes(reason),
);

it('an access token that can be refused without a key causes no request (claim 7.13)', async () => {
  const resourceServer = { audience: testAudience, maxTokenAge: 3_600_000 };
  const { authorizationServer } = issuer;
  const fresh = await verificationApp({ authorizationServer, resourceServer }, clock);
  const before = issuer.keySetRequests;
  for (const [, reason, make] of keyless) {
    await expect(fresh.get(M2MTokenVerifier).verify(await make())).rejects.toMatchObject({ reason });
  }
  expect([keyless.length > 30, issuer.keySetRequests]).toEqual([true, before]);
  await fresh.close();
});

it.each([
  ['undefined', () => undefined],
  ['the bytes of a token that is remembered', (token: string) => Buffer.from(token)],
])('what is no string is refused as malformed: %s', async (_what, make) => {
  const token = await issuer.mint();
  await verifier.verify(token);
  const notText = make(token) as unknown as string;
  await expect(verifier.verify(notText)).rejects.toMatchObject({ code: 'ERR_M2M_INVALID_TOKEN', reason: 'malformed' });
  expect(verifier.remembered(notText)).toBeUndefined();
});

it('a token of a user is turned away, and its caller told apart from a bad token', async () => {
  const events: M2MResourceServerEvent[] = [];
  const subscription = verifier.events$.subscribe((event) => events.push(event));
  await expect(verifier.verify(await issuer.mint({ sub: 'alice' }))).rejects.toThrow(CallerNotAllowedError);
  subscription.unsubscribe();
  expect(events).toMatchObject([{ type: 'caller-refused', error: { code: 'ERR_M2M_CALLER_NOT_ALLOWED' } }]);
});

it('all of these caused one fetch of the key set', () => {
  expect(issuer.keySetRequests).toBe(1);
});
