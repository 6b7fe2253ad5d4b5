// What a guard costs: npm run bench -- guard [--quick] [--check]
// Every variant runs in processes of its own, all pinned to one core and measured in turn, round by round; the load
// comes from another core. CPU time says more than throughput on a machine that others use too. With --check it exits 1
// where a target is missed.
import { fork, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Load } from './load.mjs';
import { variants } from './variants.mjs';

const isQuick = process.argv.includes('--quick');
const PROCESSES = isQuick ? 1 : 3;
const ROUNDS = isQuick ? 16 : 32;
const ROUND = 100;
const WARM_UP = 3000;
const WORKLOADS = isQuick ? [1, 1000] : [1, 1000, 100_000];
const TARGETS = { 'express: M2MGuard': 0.9, 'fastify: M2MGuard': 0.85 };
const FEW_TOKENS = 1000;

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }];
const issuer = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
await once(issuer, 'listening');
const url = `http://127.0.0.1:${issuer.address().port}`;
const context = {
  issuer: url,
  jwksUri: `${url}/jwks`,
  introspectionEndpoint: `${url}/introspect`,
  audience: 'https://api.example.com',
  publicKey: publicKey.export({ format: 'pem', type: 'spki' }),
};

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function answer(request, response) {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(request.method === 'POST' ? await introspected(request) : { keys }));
}

/** What the authorization server says of a token in an introspection request: what the token says of itself. */
async function introspected(request) {
  const token = new URLSearchParams(await text(request)).get('token');
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  return { active: true, token_type: 'Bearer', ...claims };
}

function mintRequest() {
  const iat = Math.floor(Date.now() / 1000);
  const caller = { sub: 'orders', client_id: 'orders', scope: 'read:products write:products' };
  const claims = { iss: url, aud: context.audience, ...caller, iat, exp: iat + 7200, jti: randomUUID() };
  const input = `${encode({ alg: 'RS256', typ: 'at+jwt', kid: 'bench' })}.${encode(claims)}`;
  const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  return Buffer.from(`GET /products HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`);
}

/** Where there is no taskset, nothing is pinned. */
function pin(pid, core) {
  spawnSync('taskset', ['-acp', String(core), String(pid)]);
}

async function start(variant, nextRequest) {
  const child = fork(`${import.meta.dirname}/server.mjs`, [variant, JSON.stringify(context)]);
  const [{ port }] = await once(child, 'message');
  pin(child.pid, 0);
  return { variant, child, load: await Load.open(port, nextRequest) };
}

async function cpuOf({ child }) {
  child.send('cpu');
  const [{ cpu }] = await once(child, 'message');
  return cpu.user + cpu.system;
}

/** What every variant did, over all processes and rounds: answers, milliseconds, CPU time of an answer by round. */
async function measure(requests) {
  let next = 0;
  const nextRequest = () => requests[next++ % requests.length];
  const totals = new Map(Object.keys(variants).map((variant) => [variant, { answers: 0, time: 0, cpu: [] }]));
  for (let count = 0; count < PROCESSES; count += 1) {
    const servers = await Promise.all(Object.keys(variants).map((variant) => start(variant, nextRequest)));
    for (const { load } of servers) await load.run(WARM_UP);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Back and forth, so that no variant always comes after the same one.
      for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
        const total = totals.get(server.variant);
        const [cpu, begin] = [await cpuOf(server), performance.now()];
        const answers = await server.load.run(ROUND);
        total.time += performance.now() - begin;
        total.answers += answers;
        total.cpu.push(((await cpuOf(server)) - cpu) / answers);
      }
    }
    for (const { child, load } of servers) {
      load.close();
      child.disconnect();
    }
  }
  return totals;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

let isMissed = false;

function report(count, totals) {
  console.log(`\n${count.toLocaleString('en')} ${count === 1 ? 'token' : 'tokens'}`);
  for (const [variant, { answers, time, cpu }] of totals) {
    const open = totals.get(`${variant.slice(0, variant.indexOf(':'))}: no guard`);
    const ratio = answers / time / (open.answers / open.time);
    const target = count <= FEW_TOKENS ? TARGETS[variant] : undefined;
    const isHeld = target === undefined || ratio >= target;
    isMissed ||= !isHeld;
    const columns = [
      variant.padEnd(48),
      `${Math.round((answers / time) * 1000).toLocaleString('en')}/s`.padStart(10),
      ratio.toFixed(2).padStart(6),
      `${median(cpu).toFixed(1)} µs CPU`.padStart(14),
      (median(open.cpu) / median(cpu)).toFixed(2).padStart(6),
      target === undefined ? '' : `  at least ${target}: ${isHeld ? 'held' : 'MISSED'}`,
    ];
    console.log(columns.join(''));
  }
}

pin(process.pid, 1);
console.log('answers per second, and their ratio to the unguarded route; CPU time per answer, and its ratio');
const requests = [];
for (const count of WORKLOADS) {
  while (requests.length < count) requests.push(mintRequest());
  report(count, await measure(requests.slice(0, count)));
}
issuer.close();
if (isMissed && process.argv.includes('--check')) process.exitCode = 1;
