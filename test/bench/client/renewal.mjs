// Calls over Axios while their token is renewed: nobody should notice.
import { setTimeout as sleep } from 'node:timers/promises';

const LIFETIME = 120;
const TOKEN_DELAY = 2000;
const TICK = 10;
const CALLS_PER_TICK = 10;
const WARM_UP = 20_000;

/** The server that it takes: its tokens live for two minutes and take two seconds to get. */
export const renewalServer = { lifetime: LIFETIME, delay: TOKEN_DELAY };

/** Calls 1000 times a second for the life of a token, and shows what its renewal cost. Returns the token requests. */
export async function acrossRenewal(call, tokenRequests) {
  await call();
  const [start, calls] = [performance.now(), []];
  let renewedAt;
  const timed = async () => {
    const at = performance.now() - start;
    const status = await call();
    calls.push({ at, took: performance.now() - start - at, status });
  };
  for (let tick = 0; tick * TICK < LIFETIME * 1000; tick += 1) {
    await sleep(start + tick * TICK - performance.now());
    for (let count = 0; count < CALLS_PER_TICK; count += 1) void timed();
    if (tick % 10 === 0 && renewedAt === undefined && (await tokenRequests()) > 1)
      renewedAt = performance.now() - start;
  }
  await sleep(1000);
  const during = ({ at }) => at > renewedAt - 200 && at < renewedAt + TOKEN_DELAY + 200;
  console.log(`\n1000 calls/s over loopback while a token of ${LIFETIME} s is renewed, which takes ${TOKEN_DELAY} ms`);
  show(
    'before',
    calls.filter(({ at }) => at > WARM_UP && at < renewedAt - 200),
  );
  show('during the renewal', calls.filter(during));
  const refused = calls.filter(({ status }) => status !== 200).length;
  const requests = (await tokenRequests()) - 1;
  console.log(
    `  renewed after ${(renewedAt / 1000).toFixed(1)} s by ${requests} token request; ${refused} calls refused`,
  );
  return requests;
}

function show(name, calls) {
  const sorted = calls.map(({ took }) => took).toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(2);
  console.log(
    `  ${name.padEnd(20)} ${sorted.length} calls: median ${at(0.5)} ms, p99 ${at(0.99)} ms, slowest ${at(1)} ms`,
  );
}
