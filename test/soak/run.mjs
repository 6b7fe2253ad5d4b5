// Runs both sides for a long time while everything fails at random: npm run soak [-- --seconds 600 --seed 1]
// Three applications call a target with tokens. Two share Redis, the third has a store of its own. It exits 1 if a
// rejection is not handled, a call hangs or fails in a way that nobody expects, a socket or another handle stays open,
// or the heap grows.
import 'reflect-metadata';
import { fork, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { M2MClientService, M2MModule, oidc } from 'nestjs-m2m';
import { redisTokenStore } from 'nestjs-m2m/redis';
import { FlakyStore } from './flaky-store.mjs';
import { Random } from './random.mjs';
import { callUntil, HANGING } from './workload.mjs';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds >= 10) || !Number.isInteger(seed)) {
  console.error('usage: npm run soak [-- --seconds NUMBER (at least 10) --seed INTEGER]');
  process.exit(2);
}
/** The heap is measured at this share of the time, minute 3 of 10, and at the end. */
const FIRST_MEASUREMENT = 0.3;
const MOST_GROWTH = 1.1;
const CALLERS = 30;
const STORE_KEY = randomBytes(32).toString('base64');
/** Milliseconds that idle connections may take to close. */
const CLOSING = 15_000;

/** @type {{ calls: number; succeeded: number; failed: Map<string, number>; longest: number; faults: string[] }} */
const notes = { calls: 0, succeeded: 0, failed: new Map(), longest: 0, faults: [] };
async function startRedis() {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    if (process.env.CI === 'true') throw new Error('redis-server is not installed');
    console.log('redis-server is not installed: every application has a store in memory');
    return undefined;
  }
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  server.close();
  const child = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--save', '']);
  process.on('exit', () => child.kill());
  await new Promise((resolve) => {
    child.stdout.on('data', (text) => String(text).includes('Ready to accept connections') && resolve());
  });
  return { port, stop: () => child.kill() };
}

async function startServers(redisPort) {
  const child = fork(join(import.meta.dirname, 'servers.mjs'), [JSON.stringify({ seed, redisPort })]);
  const [{ ports }] = await once(child, 'message');
  const ask = async () => {
    child.send('state');
    return (await once(child, 'message'))[0];
  };
  return { ports, ask, stop: () => child.kill() };
}

function optionsOf([tokenPort, targetPort], tokenStore) {
  const url = `http://127.0.0.1:${targetPort}/api`;
  const http = { timeout: 2000 };
  return {
    authorizationServer: {
      ...oidc({ issuer: 'http://127.0.0.1:1/soak' }),
      tokenEndpoint: `http://127.0.0.1:${tokenPort}/token`,
    },
    client: {
      clientId: 'orders',
      clientSecret: 'soak-secret',
      timeout: 3000,
      tokenStore,
      targets: {
        products: { url, scope: 'read:products', http },
        invoices: { url: `${url}/invoices`, client: 'billing', http },
      },
      clients: { billing: { clientId: 'billing', clientSecret: 'billing-secret', timeout: 3000, tokenStore } },
    },
  };
}

async function startApplication(ports, tokenStore) {
  class Application {}
  Module({ imports: [M2MModule.forRoot(optionsOf(ports, tokenStore))] })(Application);
  return NestFactory.createApplicationContext(Application, { logger: false });
}

function redisStore(port) {
  const client = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: 1, commandTimeout: 1000 });
  client.on('error', () => undefined);
  return { store: redisTokenStore({ client, encryptionKey: STORE_KEY }), close: () => client.disconnect() };
}

/** Bytes that are in use after everything else has been collected. */
async function heapInUse() {
  for (let round = 0; round < 3; round += 1) {
    await sleep(50);
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

function handles() {
  const counts = new Map();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** Kinds of handles of which there are more than before. */
function moreHandles(before) {
  return [...handles()]
    .filter(([type, count]) => count > (before.get(type) ?? 0))
    .map(([type, count]) => `${count} ${type}`);
}

const random = new Random(seed);
const redis = await startRedis();
const servers = await startServers(redis?.port ?? 1);
console.log(`seed ${seed}, ${seconds} s`);
await sleep(100);
const before = handles();
const [tokenPort, targetPort, storePort] = servers.ports;
const redisClients = redis ? [redisStore(storePort), redisStore(storePort)] : [];
const stores = [...redisClients.map(({ store }) => store), new FlakyStore(random)];
const applications = await Promise.all(stores.map((store) => startApplication([tokenPort, targetPort], store)));
const clients = applications.map((application) => application.get(M2MClientService));

for (const event of ['unhandledRejection', 'uncaughtException']) {
  process.on(event, (error) => notes.faults.push(`${event}: ${error?.stack ?? error}`));
}
const ends = Date.now() + seconds * 1000;
const context = { target: `http://127.0.0.1:${targetPort}` };
const callers = Array.from({ length: CALLERS }, () =>
  callUntil(ends, new Random(random.below(2 ** 32)), clients, context, notes),
);
await sleep(seconds * 1000 * FIRST_MEASUREMENT);
const firstHeap = await heapInUse();
await sleep(Math.max(0, ends - Date.now()));
const settled = await Promise.race([Promise.all(callers), sleep(HANGING, 'hanging', { ref: false })]);
if (settled === 'hanging') notes.faults.push('callers did not end');
const lastHeap = await heapInUse();

await Promise.all(applications.map((application) => application.close()));
for (const client of redisClients) client.close();
let more = moreHandles(before);
let state = await servers.ask();
for (const closingEnds = Date.now() + CLOSING; Date.now() < closingEnds;) {
  more = moreHandles(before);
  state = await servers.ask();
  if (more.length === 0 && state.connections === 0) break;
  await sleep(250);
}
if (more.length > 0) notes.faults.push(`still open: ${more.join(', ')}`);
if (state.connections > 0) notes.faults.push(`${state.connections} connections are still open at the servers`);
if (notes.succeeded === 0) notes.faults.push('no call succeeded');
const growth = lastHeap / firstHeap;
if (growth > MOST_GROWTH) notes.faults.push(`the heap grew to ${growth.toFixed(2)} of what it was`);
servers.stop();
redis?.stop();

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
console.log(`${notes.calls} calls, ${notes.succeeded} succeeded, longest ${notes.longest} ms`);
console.log(
  Object.entries(state.counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', '),
);
for (const [kind, count] of [...notes.failed].toSorted((a, b) => b[1] - a[1]))
  console.log(`  ${String(count).padStart(7)} ${kind}`);
console.log(
  `heap after a collection: ${megabytes(firstHeap)} at ${FIRST_MEASUREMENT * 100} %, ${megabytes(lastHeap)} at the end (${growth.toFixed(2)})`,
);
for (const fault of new Set(notes.faults)) console.log(`FAULT ${fault}`);
console.log(notes.faults.length === 0 ? 'soak passed' : `soak failed: ${notes.faults.length} faults`);
process.exitCode = notes.faults.length === 0 ? 0 : 1;
