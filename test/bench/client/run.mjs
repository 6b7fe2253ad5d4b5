// What attaching a token costs: node test/bench/client/run.mjs [--quick] [--check]
// Needs `npm run build` and the dependencies of this folder. Everything is measured in turn, round by round, on one
// thread; the medians are shown. With --check it exits 1 where a target is missed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { acrossRenewal, renewalServer } from './renewal.mjs';
import { inProcess, m2mClient, overAxios, overFetch } from './variants.mjs';

const isQuick = process.argv.includes('--quick');
const ROUNDS = isQuick ? 60 : 300;
const CALLS_IN_PROCESS = 500;
const CALLS_OVER_LOOPBACK = 100;
const LIFETIME = 6;
const TOKEN_DELAY = 300;
const WATCHED = isQuick ? 10_000 : 25_000;
const TARGETS = { attached: 5, token: 0.5, loopback: 0.05 };

/** An API that answers 401 to tokens that have expired, and a token endpoint that takes its time and counts. */
async function serve() {
  const { lifetime, delay } = JSON.parse(process.argv[3]);
  let tokenRequests = 0;
  const answer = async (request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (request.url === '/token') {
      tokenRequests += 1;
      await sleep(delay);
      const token = `${Date.now() + lifetime * 1000}.${'x'.repeat(900)}`;
      response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetime }));
    } else {
      const expiresAt = Number(request.headers.authorization?.match(/^Bearer (\d+)\./)?.[1]);
      response.writeHead(expiresAt > Date.now() ? 200 : 401).end('{"products":["apple","pear"]}');
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 600_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.on('message', () => process.send({ tokenRequests }));
  process.send({ port: server.address().port });
}

async function startServer(options) {
  const child = fork(import.meta.filename, ['serve', JSON.stringify(options)]);
  const [{ port }] = await once(child, 'message');
  const url = `http://127.0.0.1:${port}`;
  return {
    context: { api: url, tokenEndpoint: `${url}/token`, token: `${Date.now() + 3_600_000}.${'x'.repeat(900)}` },
    tokenRequests: async () => {
      child.send('count');
      return (await once(child, 'message'))[0].tokenRequests;
    },
    stop: () => child.kill(),
  };
}

/** Median microseconds of a call, by variant. */
async function median(calls, perRound, clock) {
  const samples = new Map(Object.keys(calls).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, call] of Object.entries(calls)) {
      const start = clock();
      for (let count = 0; count < perRound; count += 1) await call();
      if (round >= ROUNDS / 10) samples.get(name).push((clock() - start) / perRound);
    }
  }
  return new Map([...samples].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]]));
}

const cpuTime = () => process.cpuUsage().user + process.cpuUsage().system;
const wallTime = () => performance.now() * 1000;

async function prepared(variants, context) {
  const calls = await Promise.all(Object.entries(variants).map(async ([name, make]) => [name, await make(context)]));
  for (const [name, call] of calls) {
    const status = await call();
    if (status !== 200) throw new Error(`${name}: the API answered ${status}`);
  }
  return Object.fromEntries(calls);
}

function show(title, medians, base) {
  console.log(`\n${title}`);
  for (const [name, cost] of medians) {
    const more = cost - medians.get(base);
    const share = (cost / medians.get(base)).toFixed(2);
    const compared = name === base ? '' : `  ${more < 0 ? '' : '+'}${more.toFixed(2)} (${share})`;
    console.log(`  ${name.padEnd(46)} ${cost.toFixed(2).padStart(8)}${compared}`);
  }
}

async function measureAll() {
  const missed = [];
  const expectAtMost = (what, value, limit) => {
    if (value > limit) missed.push(`${what}: ${value.toFixed(3)}, target ${limit}`);
  };

  const server = await startServer({ lifetime: 3600, delay: 0 });
  for (const variants of [overAxios, overFetch]) {
    const [base] = Object.keys(variants);
    const stubbed = await prepared(variants, { ...server.context, ...inProcess });
    const inside = await median(stubbed, CALLS_IN_PROCESS, cpuTime);
    show('In process, without a network: µs of CPU time per call, more than the first', inside, base);
    const real = await prepared(variants, server.context);
    const outside = await median(real, CALLS_OVER_LOOPBACK, wallTime);
    show('Over loopback: µs per call', outside, base);
    if (variants === overAxios) {
      expectAtMost('µs to attach', inside.get('nestjs-m2m') - inside.get(base), TARGETS.attached);
      expectAtMost('share of a call', outside.get('nestjs-m2m') / outside.get(base) - 1, TARGETS.loopback);
    }
  }
  const among = [10, 10_000].map((targets) => [
    `nestjs-m2m, ${targets} targets`,
    (context) => overAxios['nestjs-m2m']({ ...context, targets }),
  ]);
  const stubbed = await prepared(Object.fromEntries(among), { ...server.context, ...inProcess });
  const found = await median(stubbed, CALLS_IN_PROCESS, cpuTime);
  show('In process, the target found by its URL: µs of CPU time per call', found, among[0][0]);
  const client = await m2mClient(server.context);
  await client.getToken();
  const alone = await median({ 'getToken()': () => client.getToken() }, 10_000, cpuTime);
  show('A cached token alone: µs of CPU time', alone, 'getToken()');
  expectAtMost('µs for a token', alone.get('getToken()'), TARGETS.token);
  server.stop();

  console.log(
    `\nTokens of ${LIFETIME} s that take ${TOKEN_DELAY} ms to get, watched for ${WATCHED / 1000} s at 20 calls/s`,
  );
  const all = Object.entries({ ...overAxios, ...overFetch }).filter(([name]) => !name.endsWith('static header'));
  const lives = await Promise.all(all.map(watch));
  for (const { name, cold, requests, slowest, refused } of lives) {
    console.log(
      `  ${name.padEnd(46)} 100 calls at once: ${cold} token requests; then ${requests}, slowest call ${slowest.toFixed(0)} ms, ${refused} calls answered 401`,
    );
    if (name === 'nestjs-m2m') expectAtMost('token requests of a cold start', cold, 1);
  }
  if (!isQuick) {
    const slow = await startServer(renewalServer);
    const requests = await acrossRenewal(await overAxios['nestjs-m2m'](slow.context), slow.tokenRequests);
    expectAtMost('token requests of a renewal', requests, 1);
    slow.stop();
  }
  for (const target of missed) console.error(`missed: ${target}`);
  process.exit(process.argv.includes('--check') && missed.length > 0 ? 1 : 0);
}

/** What a variant does at a cold start, and when its tokens expire. */
async function watch([name, make]) {
  const server = await startServer({ lifetime: LIFETIME, delay: TOKEN_DELAY });
  const call = await make(server.context);
  await Promise.all(Array.from({ length: 100 }, call));
  const cold = await server.tokenRequests();
  const end = performance.now() + WATCHED;
  const calls = [];
  while (performance.now() < end) {
    const start = performance.now();
    calls.push(call().then((status) => ({ status, took: performance.now() - start })));
    await sleep(50);
  }
  const answers = await Promise.all(calls);
  const requests = (await server.tokenRequests()) - cold;
  server.stop();
  const slowest = Math.max(...answers.map(({ took }) => took));
  return { name, cold, requests, slowest, refused: answers.filter(({ status }) => status === 401).length };
}

if (process.argv[2] === 'serve') await serve();
else await measureAll();
