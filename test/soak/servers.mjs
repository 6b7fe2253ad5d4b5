// The other side of the soak, in a process of its own: a token endpoint, a target and a way to the store, each with faults.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from './random.mjs';

const { seed, redisPort } = JSON.parse(process.argv[2]);
const random = new Random(seed);
/** Milliseconds that a spell of weather lasts at most. */
const SPELL = 4000;
/** Share of the answers that are good while the weather is fair, and while it is foul. */
const FAIR = 0.97;
const FOUL = 0.15;

/** Fair and foul weather by turns: faults come in spells, as outages do. */
class Weather {
  #isFoul = false;
  #changesAt = 0;

  get isGood() {
    if (Date.now() >= this.#changesAt) {
      this.#isFoul = this.#changesAt > 0 && !this.#isFoul && random.chance(0.5);
      this.#changesAt = Date.now() + 200 + random.below(SPELL);
    }
    return random.chance(this.#isFoul ? FOUL : FAIR);
  }
}

/** What can happen to any answer over HTTP. */
const NETWORK_FAULTS = [
  (request) => request.socket.destroy(),
  (_request, response) => response.writeHead(503).end(),
  (_request, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>'),
  (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"cut off'),
  (request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('half');
    setTimeout(() => request.socket.destroy(), 20);
  },
  // Nobody ever answers.
  () => undefined,
];

const TOKEN_FAULTS = [
  ...NETWORK_FAULTS,
  (_request, response) => json(response, 400, { error: 'temporarily_unavailable' }),
  (_request, response) => json(response, 429, { error: 'slow_down' }, { 'retry-after': '1' }),
  (_request, response) => json(response, 200, { token_type: 'Bearer' }),
  (_request, response) => json(response, 200, { access_token: newToken(), token_type: 'Bearer', expires_in: 0 }),
  (_request, response) => response.end('x'.repeat(3_000_000)),
];

const TARGET_FAULTS = [
  ...NETWORK_FAULTS,
  (_request, response) => response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end(),
  (_request, response) => response.writeHead(401).end(),
  (_request, response) => response.writeHead(403, { 'www-authenticate': 'Bearer error="insufficient_scope"' }).end(),
  (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end(),
  (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/closed' }).end(),
];

const counts = { tokenRequests: 0, tokens: 0, targetRequests: 0, refusedTokens: 0, faults: 0, storeConnections: 0 };
let serial = 0;

/** A token that says until when it counts. */
function newToken(lifetime = 0) {
  return `${Date.now() + lifetime * 1000}.${(serial += 1)}.${'t'.repeat(300 + random.below(600))}`;
}

function json(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

const weather = { token: new Weather(), target: new Weather(), store: new Weather() };

async function serveTokens(request, response) {
  counts.tokenRequests += 1;
  let form = '';
  for await (const chunk of request) form += chunk;
  if (!weather.token.isGood) {
    fault(TOKEN_FAULTS, request, response);
    return;
  }
  await sleep(random.below(50));
  const scope = new URLSearchParams(form).get('scope') ?? undefined;
  if (scope?.includes('forbidden')) {
    json(response, 400, { error: 'invalid_scope' });
    return;
  }
  counts.tokens += 1;
  const lifetime = 1 + random.below(8);
  json(response, 200, { access_token: newToken(lifetime), token_type: 'Bearer', expires_in: lifetime, scope });
}

async function serveTarget(request, response) {
  counts.targetRequests += 1;
  if (!weather.target.isGood) {
    fault(TARGET_FAULTS, request, response);
    return;
  }
  const expiresAt = Number(request.headers.authorization?.match(/^Bearer (\d+)\./)?.[1] ?? 0);
  if (expiresAt < Date.now()) {
    counts.refusedTokens += 1;
    request.resume();
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="soak", error="invalid_token"' }).end();
    return;
  }
  let received = 0;
  for await (const chunk of request) received += chunk.length;
  if (request.url.startsWith('/api/large')) {
    for (let part = 0; part < 20 && !response.destroyed; part += 1) {
      response.write('x'.repeat(10_000));
      await sleep(1);
    }
    response.end();
    return;
  }
  json(response, 200, { received });
}

function fault(faults, request, response) {
  counts.faults += 1;
  request.resume();
  random.of(faults)(request, response);
}

function listener(serve) {
  return (request, response) => {
    for (const side of [request, response]) side.on('error', () => undefined);
    serve(request, response).catch(() => request.socket.destroy());
  };
}

/** Leads to the store: cuts connections, swallows what comes, holds it up. */
function serveStore(client) {
  counts.storeConnections += 1;
  const upstream = connect(redisPort, '127.0.0.1');
  for (const socket of [client, upstream]) {
    socket.on('error', () => undefined).on('close', () => [client, upstream].forEach((other) => other.destroy()));
  }
  client.pipe(upstream);
  upstream.on('data', (chunk) => {
    if (weather.store.isGood) {
      client.write(chunk);
      return;
    }
    counts.faults += 1;
    const disturb = random.of([
      () => client.destroy(),
      () => undefined,
      () => setTimeout(() => client.destroyed || client.write(chunk), random.below(1500)),
      () => client.write(chunk.fill(0x3f)),
    ]);
    disturb();
  });
}

const servers = [createServer(listener(serveTokens)), createServer(listener(serveTarget)), createTcpServer(serveStore)];
await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
const connectionsOf = (server) =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
async function sendState() {
  const connections = await Promise.all(servers.map(connectionsOf));
  process.send({ counts, connections: connections.reduce((sum, count) => sum + count, 0) });
}
process.on('message', () => void sendState());
process.on('disconnect', () => process.exit());
process.send({ ports: servers.map((server) => server.address().port) });
