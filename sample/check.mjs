// Runs every sample, and the lines that its README (that of 03: its output) says to paste. `npm run check:samples`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const READY_WITHIN = 30_000;

const [authorizationServer, products, outgoing, protectedApi, gateway, mcp, mcpAuthorizationServer] =
  await freePorts(7);
const [onBehalfOf, ordersProducts, website, exchanging] = await freePorts(4);
const addresses = new Map([
  ['127.0.0.1:4000', `127.0.0.1:${authorizationServer}`],
  ['127.0.0.1:3000', `127.0.0.1:${products}`],
  ['127.0.0.1:3001', `127.0.0.1:${outgoing}`],
  ['127.0.0.1:3002', `127.0.0.1:${protectedApi}`],
  ['127.0.0.1:3004', `127.0.0.1:${gateway}`],
  ['127.0.0.1:3005', `127.0.0.1:${onBehalfOf}`],
  ['127.0.0.1:3015', `127.0.0.1:${ordersProducts}`],
  ['127.0.0.1:3025', `127.0.0.1:${website}`],
  ['127.0.0.1:3006', `127.0.0.1:${mcp}`],
  ['127.0.0.1:4006', `127.0.0.1:${mcpAuthorizationServer}`],
]);
const issuer = `http://127.0.0.1:${authorizationServer}`;
const productsUrl = `http://127.0.0.1:${products}/products`;
const ports = { PORT: products, AUTHORIZATION_SERVER_PORT: authorizationServer };

let failures = 0;
const once03 = start('03-two-services', ports, ['--once']);
expect('03-two-services --once exits', 0, await once03.exited);

const twoServices = start('03-two-services', ports);
const printed = await twoServices.prints(/Ctrl-C/);
const another = start('03-two-services', ports, [], 'before-start.mjs');
expect('03-two-services on taken ports exits', 1, await another.exited);
const others = `PORT=${products + 10} AUTHORIZATION_SERVER_PORT=${authorizationServer + 10}`;
expect(
  '03-two-services on taken ports says',
  `In use: port ${products} and ${authorizationServer}. Stop what listens there, or choose others: ${others} npm start`,
  (await another.prints(/./)).trim(),
);
await expectAnswers('03-two-services', printed.split('\n').filter(isPasted).join('\n'), ['200', '403', '401']);

await checkReadme('01-outgoing-calls', { PORT: outgoing, ISSUER: issuer, PRODUCTS_URL: productsUrl });
await checkReadme('02-protected-api', { PORT: protectedApi, ISSUER: issuer });
await checkReadme('04-from-environment', {
  PORT: gateway,
  M2M_ISSUER: issuer,
  M2M_TARGET_PRODUCTS_URL: productsUrl,
});
await checkReadme('05-on-behalf-of', {
  PORT: onBehalfOf,
  PRODUCTS_PORT: ordersProducts,
  WEBSITE_PORT: website,
  AUTHORIZATION_SERVER_PORT: exchanging,
});
await checkReadme('06-mcp-server', { PORT: mcp, AUTHORIZATION_SERVER_PORT: mcpAuthorizationServer }, checkAgent);

twoServices.process.kill('SIGINT');
expect('03-two-services after Ctrl-C exits', 0, await twoServices.exited);
process.exit(failures === 0 ? 0 : 1);

/** Runs the agent of 06, which prints what the README says. */
async function checkAgent(readme) {
  const urls = { MCP_URL: `http://127.0.0.1:${mcp}/mcp`, ISSUER: `http://127.0.0.1:${mcpAuthorizationServer}` };
  const agent = start('06-mcp-server', urls, [], 'dist/agent.js');
  expect('06-mcp-server agent exits', 0, await agent.exited);
  expect('06-mcp-server agent prints', /```text\n(.*?)```/s.exec(readme)[1], await agent.prints(/./));
}

/**
 * Starts a sample and runs the last shell block of its README, whose comments say the statuses.
 *
 * @param before what is checked before that
 */
async function checkReadme(sample, env, before) {
  const application = start(sample, env);
  await application.listens(env.PORT);
  const readme = await readFile(new URL(`${sample}/README.md`, import.meta.url), 'utf8');
  await before?.(readme);
  const script = [...readme.matchAll(/```sh\n(.*?)```/gs)].at(-1)[1];
  await expectAnswers(
    sample,
    script,
    [...script.matchAll(/# (\d{3})\b/g)].map(([, status]) => status),
  );
  application.process.kill('SIGTERM');
  await application.exited;
}

async function expectAnswers(sample, script, expected) {
  const here = [...addresses].reduce((text, [written, actual]) => text.replaceAll(written, actual), script);
  const shell = spawn('sh', ['-e'], { stdio: 'pipe' });
  shell.stdin.end(here);
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk));
  await once(shell, 'close');
  const statuses = [...output.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  if (!expect(`${sample} answers`, expected.join(' '), statuses.join(' '))) console.error(output);
}

function start(sample, env, args = [], file = 'dist/main.js') {
  const main = fileURLToPath(new URL(`${sample}/${file}`, import.meta.url));
  const cwd = fileURLToPath(new URL(sample, import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...env } });
  process.once('exit', () => child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = once(child, 'close').then(([code]) => code);
  async function until(condition) {
    const end = Date.now() + READY_WITHIN;
    while (!(await condition())) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`${sample} did not start:\n${output}`);
      await sleep(50);
    }
    return output;
  }
  return {
    process: child,
    exited,
    prints: (pattern) => until(() => pattern.test(output)),
    listens: (port) =>
      until(() =>
        fetch(`http://127.0.0.1:${port}`).then(
          () => true,
          () => false,
        ),
      ),
  };
}

function isPasted(line) {
  return /^(?:curl|TOKEN=)/.test(line);
}

function expect(what, expected, actual) {
  const held = expected === actual;
  if (!held) failures += 1;
  console.log(`${held ? 'ok    ' : 'FAILED'} ${what} ${actual}${held ? '' : `, expected ${expected}`}`);
  return held;
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const free = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return free;
}
