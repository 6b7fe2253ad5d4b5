// What a guard costs: node test/bench/guard/run.mjs [--quick] [--check]
// Needs `npm run build` and the dependencies of this folder. Every variant runs in processes of its own, all pinned to
// one core and measured in turn, round by round; the load comes from another core. With --check it exits 1 where a
// target is missed.
import { fork } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { load } from './load.mjs';
import { variants } from './variants.mjs';

const isQuick = process.argv.includes('--quick');
const PROCESSES = isQuick ? 1 : 3;
const ROUNDS = isQuick ? 4 : 8;
const ROUND = 400;
const WARM_UP = 1500;
const WORKLOADS = isQuick ? [1, 1000] : [1, 1000, 100_000];
const TARGETS = { 'express: M2MGuard': 0.9, 'fastify: M2MGuard': 0.85 };
const FEW_TOKENS = 1000;

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }];
const issuer = createServer((_request, response) => response.end(JSON.stringify({ keys }))).listen(0, '127.0.0.1');
await once(issuer, 'listening');
const url = `http://127.0.0.1:${issuer.address().port}`;
const context = {
  issuer: url,
  jwksUri: `${url}/jwks`,
  audience: 'https://api.example.com',
  publicKey: publicKey.export({ format: 'pem', type: 'spki' }),
};

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function mintRequest() {
  const iat = Math.floor(Date.now() / 1000);
  const caller = { sub: 'orders', client_id: 'orders', scope: 'read:products write:products' };
  const claims = { iss: url, aud: context.audience, ...caller, iat, exp: iat + 7200, jti: randomUUID() };
  const input = `${encode({ alg: 'RS256', typ: 'at+jwt', kid: 'bench' })}.${encode(claims)}`;
  const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  return Buffer.from(`GET /products HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`);
}

async function start(variant) {
  const server = `${import.meta.dirname}/server.mjs`;
  // `taskset -c 0 node server.mjs ...`, with the channel of a fork.
  const child = fork(server, [variant, JSON.stringify(context)], {
    execPath: 'taskset',
    execArgv: ['-c', '0', process.execPath],
  });
  const [{ port }] = await once(child, 'message');
  return { variant, child, port };
}

async function cpuOf({ child }) {
  child.send('cpu');
  const [{ cpu }] = await once(child, 'message');
  return cpu.user + cpu.system;
}

/** Answers, milliseconds and microseconds of CPU time of every variant, over all processes and rounds. */
async function measure(requests) {
  let next = 0;
  const nextRequest = () => requests[next++ % requests.length];
  const totals = new Map(Object.keys(variants).map((variant) => [variant, { answers: 0, time: 0, cpu: 0 }]));
  for (let process_ = 0; process_ < PROCESSES; process_ += 1) {
    const servers = await Promise.all(Object.keys(variants).map(start));
    for (const { port } of servers) await load(port, nextRequest, WARM_UP);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const server of servers) {
        const total = totals.get(server.variant);
        const [cpu, begin] = [await cpuOf(server), performance.now()];
        total.answers += await load(server.port, nextRequest, ROUND);
        total.time += performance.now() - begin;
        total.cpu += (await cpuOf(server)) - cpu;
      }
    }
    for (const { child } of servers) child.disconnect();
  }
  return totals;
}

let isMissed = false;

function report(count, totals) {
  console.log(`\n${count.toLocaleString('en')} ${count === 1 ? 'token' : 'tokens'}`);
  for (const [variant, { answers, time, cpu }] of totals) {
    const open = totals.get(`${variant.slice(0, variant.indexOf(':'))}: no guard`);
    const ratio = answers / time / (open.answers / open.time);
    const ofCpu = open.cpu / open.answers / (cpu / answers);
    const target = count <= FEW_TOKENS ? TARGETS[variant] : undefined;
    const verdict =
      target === undefined ? '' : ratio >= target ? `  at least ${target}: held` : `  at least ${target}: MISSED`;
    isMissed ||= verdict.endsWith('MISSED');
    const columns = [
      variant.padEnd(48),
      `${Math.round((answers / time) * 1000).toLocaleString('en')}/s`.padStart(10),
      ratio.toFixed(2).padStart(6),
      `${(cpu / answers).toFixed(1)} µs CPU`.padStart(14),
      ofCpu.toFixed(2).padStart(6),
    ];
    console.log(`${columns.join('')}${verdict}`);
  }
}

console.log('answers per second, and their ratio to the unguarded route; CPU time per answer, and its ratio');
const requests = [];
for (const count of WORKLOADS) {
  while (requests.length < count) requests.push(mintRequest());
  report(count, await measure(requests.slice(0, count)));
}
issuer.close();
if (isMissed && process.argv.includes('--check')) process.exitCode = 1;
