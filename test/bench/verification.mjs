// What verifying an access token costs in process: node test/bench/verification.mjs [--check]
// Needs `npm run build`. Everything is measured in turn, round by round, on one thread; the medians are shown.
// With --check it exits 1 where a target is missed. Pin it to a core for steady numbers: taskset -c 1 node ...
import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NestFactory } from '@nestjs/core';
import { jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import jwksRsa from 'jwks-rsa';
import { Strategy } from 'passport-jwt';
import { M2MModule, M2MTokenVerifier } from '../../dist/index.js';

const TOKENS = 1000;
const ROUNDS = 15;
const REMEMBERED = 20_000;
const BOUND = 2000;

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc');

const audience = 'https://api.example.com';
const rsa = { alg: 'RS256', ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
const ec = { alg: 'ES256', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
const jwks = [rsa, ec].map(({ alg, publicKey }) => ({
  ...publicKey.export({ format: 'jwk' }),
  alg,
  kid: alg,
  use: 'sig',
}));

const server = createServer((_request, response) => response.end(JSON.stringify({ keys: jwks })));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function payloadOf(clientId) {
  const now = Math.floor(Date.now() / 1000);
  const caller = { sub: clientId, client_id: clientId, scope: 'read:products write:products read:orders' };
  return { iss: issuer, aud: audience, ...caller, iat: now, exp: now + 3600, jti: randomUUID() };
}

function mint({ alg, privateKey }, payload) {
  const input = `${encode({ alg, typ: 'at+jwt', kid: alg })}.${encode(payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

async function verifierOf(cache) {
  const authorizationServer = { name: 'bench', issuer, jwksUri: `${issuer}/jwks` };
  const module = M2MModule.forRoot({ authorizationServer, resourceServer: { audience, cache } });
  const application = await NestFactory.createApplicationContext(module, { logger: false });
  return application.get(M2MTokenVerifier);
}

/** What most applications run today. */
function usualStack() {
  const options = { jwksUri: `${issuer}/jwks`, cache: true, rateLimit: true };
  const secretOrKeyProvider = jwksRsa.passportJwtSecret(options);
  const strategy = new Strategy(
    { jwtFromRequest: ({ token }) => token, secretOrKeyProvider, audience, issuer, algorithms: ['RS256'] },
    (claims, done) => done(null, claims),
  );
  return (token) =>
    new Promise((resolve, reject) => {
      const run = Object.create(strategy);
      Object.assign(run, { success: resolve, fail: reject, error: reject });
      run.authenticate({ token });
    });
}

function bareVerification(token) {
  const end = token.lastIndexOf('.');
  const [input, signature] = [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), 'base64url')];
  if (!verify('sha256', input, rsa.publicKey, signature)) throw new Error('the signature does not verify');
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Microseconds for each token, by name. */
async function compare(tokens, contenders) {
  const rounds = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -3; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = process.hrtime.bigint();
      for (const token of tokens) await run(token);
      if (round >= 0) rounds[name].push(Number(process.hrtime.bigint() - start) / 1000 / tokens.length);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)]));
}

async function heapAfter(work) {
  await work();
  await sleep(10);
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Bytes that each further token takes, beside its payload. */
async function memoryOf(verifier, count) {
  let payloadBytes = 0;
  const remember = async (from, to) => {
    for (let index = from; index < to; index++) {
      const payload = payloadOf(`service-${String(index).padStart(28, '0')}`);
      payloadBytes += JSON.stringify(payload).length;
      await verifier.verify(mint(ec, payload));
    }
  };
  const before = await heapAfter(() => remember(0, 500));
  payloadBytes = 0;
  const after = await heapAfter(() => remember(500, 500 + count));
  return { each: (after - before - payloadBytes) / count, total: after - before };
}

const tokens = Array.from({ length: TOKENS }, () => mint(rsa, payloadOf('orders-service')));
const uncached = await verifierOf(false);
const full = await verifierOf({ maxTokens: TOKENS / 2 });
const always = await verifierOf({ maxTokens: TOKENS, ttl: 3_600_000 });
const stack = usualStack();
const key = createPublicKey(rsa.publicKey.export({ format: 'pem', type: 'spki' }));

const fresh = await compare(tokens, {
  'node:crypto, the floor': bareVerification,
  'jsonwebtoken with a KeyObject': (token) =>
    jsonwebtoken.verify(token, key, { algorithms: ['RS256'], audience, issuer }),
  'jose with a KeyObject': (token) => jwtVerify(token, key, { algorithms: ['RS256'], audience, issuer }),
  'M2MTokenVerifier, never seen before': (token) => uncached.verify(token),
  'the same, and into a full cache': (token) => full.verify(token),
  'passport-jwt with jwks-rsa': stack,
});
const hits = await compare(tokens, {
  'remembered(), seen before': (token) => always.remembered(token) ?? always.verify(token),
  'verify(), seen before': (token) => always.verify(token),
});
const memory = await memoryOf(await verifierOf({ maxTokens: 2 * REMEMBERED, ttl: 3_600_000 }), REMEMBERED);
const bounded = await memoryOf(await verifierOf({ maxTokens: BOUND, ttl: 3_600_000 }), REMEMBERED);
server.close();

const floor = fresh['node:crypto, the floor'];
for (const [name, time] of Object.entries({ ...fresh, ...hits })) {
  console.log(`${name.padEnd(36)} ${time.toFixed(2).padStart(8)} µs  ${(time / floor).toFixed(2).padStart(6)} x`);
}
console.log(`memory of a remembered token: its payload and ${memory.each.toFixed(0)} bytes`);
console.log(`${REMEMBERED} tokens where ${BOUND} are remembered: ${(bounded.total / 1024).toFixed(0)} KiB more`);

const targets = [
  [
    'a token never seen before: at most 1.4 times the floor',
    fresh['M2MTokenVerifier, never seen before'] <= 1.4 * floor,
  ],
  [
    'a token never seen before, into a full cache: at most 1.6 times the floor',
    fresh['the same, and into a full cache'] <= 1.6 * floor,
  ],
  [
    'a token seen before: at most 1.5 µs',
    hits['verify(), seen before'] <= 1.5 && hits['remembered(), seen before'] <= 1.5,
  ],
  ['memory: at most the payload and 400 bytes', memory.each <= 400],
  ['memory: bounded', bounded.total <= BOUND * 2048],
];
for (const [target, isMet] of targets) console.log(`${isMet ? 'met   ' : 'MISSED'} ${target}`);
process.exit(process.argv.includes('--check') && targets.some(([, isMet]) => !isMet) ? 1 : 0);
