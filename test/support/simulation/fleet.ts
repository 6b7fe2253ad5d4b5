import { EndpointResolver } from '../../../lib/authorization-servers/endpoint-resolver.js';
import { oidc } from '../../../lib/authorization-servers/oidc.js';
import { createTokenManager } from '../../../lib/client/tokens/create-token-manager.js';
import type { TokenManager } from '../../../lib/client/tokens/token-manager.js';
import { asking } from '../client-token-manager.js';
import { resolvedClient } from '../resolved-client.js';
import type { Outage } from './outages.js';
import { between, seeded } from './random.js';
import { SimulatedAuthorizationServer, type IssuedByServer } from './simulated-authorization-server.js';
import { SimulatedStore } from './simulated-store.js';
import { WorldClock, type SimulatedProcess } from './world-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A client counts a token's life from its request on, so it ends it sooner than the server: by the time that took. */
const CAUTION = 1000;
/** A token in the store that expires sooner is of no use. */
const LEEWAY = 11_000;

/** A world to run a fleet in. Durations in milliseconds. */
export interface Scenario {
  readonly seed: number;
  readonly instances: number;
  readonly duration: number;
  readonly lifetime: number;
  /** Mean time between two calls of an instance. */
  readonly callEvery: number;
  readonly audiences?: readonly string[];
  /** `false`: every instance for itself. @default true */
  readonly shared?: boolean;
  readonly serverOutages?: readonly Outage[];
  readonly storeOutages?: readonly Outage[];
  /** By how much wall clocks are off at most. */
  readonly skew?: number;
  /** Mean time between two crashes in the fleet; one that crashed is back at once, and remembers nothing. */
  readonly crashEvery?: number;
  /** Mean time between two machines of the fleet being suspended, for up to an hour. */
  readonly suspendEvery?: number;
}

/** What came of it. */
export interface Outcome {
  readonly calls: number;
  readonly failed: number;
  readonly tokensIssued: number;
  /** In the world's true time. */
  readonly requests: readonly number[];
  /** Milliseconds, of the call that waited longest. */
  readonly longestWait: number;
  /** In the world's true time. */
  readonly issuedAt: readonly number[];
}

class Instance implements SimulatedProcess {
  alive = true;
  asleepUntil = 0;
  slept = 0;
  manager: TokenManager | undefined;
  /** The token that lives longest of those that it was served, by audience. */
  readonly best = new Map<string, IssuedByServer>();

  constructor(readonly skew: number) {}
}

/** Runs the real token managers of a whole fleet. @throws where what must never happen happens, and says the seed */
export async function runFleet(scenario: Scenario): Promise<Outcome> {
  const { seed, lifetime, duration, audiences = ['api'], skew = 0 } = scenario;
  const random = seeded(seed);
  const world = new WorldClock();
  const server = new SimulatedAuthorizationServer(world, random, scenario.serverOutages ?? [], lifetime);
  const store = new SimulatedStore(world, random, scenario.storeOutages ?? []);
  const asked = new Map(audiences.map((audience) => [audience, asking({ audience })]));
  const outcome = { calls: 0, failed: 0, longestWait: 0 };
  const broken: Error[] = [];
  const breaks = (what: string): void => {
    broken.push(new Error(`seed ${seed}, at ${world.now} ms: ${what}`));
  };

  const validFor = (token: IssuedByServer | undefined): number => (token ? token.expiresAt - world.now : 0);
  /** The last token that any instance was served, by audience. */
  const served = new Map<string, IssuedByServer>();

  const start = (): Instance => {
    const instance = new Instance(between(random, -skew, skew));
    const clock = world.seenBy(instance);
    const request: typeof server.request = async (upstreamRequest) => {
      const answer = server.request(upstreamRequest);
      await answer.catch(() => undefined);
      await world.awake(instance);
      return answer;
    };
    const tokenEndpoint = 'https://id.example.com/token';
    const client = resolvedClient({
      authorizationServer: { ...oidc({ issuer: 'https://id.example.com' }), tokenEndpoint },
      tokenStore: scenario.shared === false ? undefined : store.seenBy(instance),
    });
    const endpoints = new EndpointResolver(request, clock);
    instance.manager = createTokenManager(
      client,
      { http: { request }, endpoints, clock, emit: () => undefined },
      { random },
    );
    return instance;
  };

  const call = async (instance: Instance): Promise<void> => {
    const audience = audiences[Math.floor(random() * audiences.length)] ?? 'api';
    const parameters = asked.get(audience);
    if (!parameters) return;
    outcome.calls += 1;
    const startedAt = world.now;
    try {
      const accessToken = await instance.manager?.getAccessToken(parameters);
      if (!instance.alive) return;
      const token = server.issued.get(accessToken?.value ?? '');
      if (!token) return breaks('a token was served that nobody issued');
      if (token.audience !== audience) breaks(`a token for ${token.audience} was served for ${audience}`);
      if (token.expiresAt <= world.now) breaks('an expired token was served');
      if (token.expiresAt > (instance.best.get(audience)?.expiresAt ?? 0)) instance.best.set(audience, token);
      served.set(audience, token);
    } catch (error) {
      outcome.failed += 1;
      const { message } = error as Error;
      if (validFor(instance.best.get(audience)) > CAUTION) breaks(`a valid token was withheld: ${message}`);
      const isInStore = scenario.shared !== false && scenario.storeOutages === undefined;
      if (isInStore && validFor(served.get(audience)) > LEEWAY)
        breaks(`a token in the store was not found: ${message}`);
    }
    outcome.longestWait = Math.max(outcome.longestWait, world.now - startedAt);
  };

  const fleet = Array.from({ length: scenario.instances }, start);
  const live = (index: number): void => {
    world.lightlyAfter(between(random, 0, 2 * scenario.callEvery), () => {
      live(index);
      const instance = fleet[index];
      return instance && instance.asleepUntil <= world.now ? call(instance) : Promise.resolve();
    });
  };
  fleet.forEach((_instance, index) => live(index));
  const crash = (): void => {
    world.after(between(random, 0, 2 * (scenario.crashEvery ?? Infinity)), () => {
      const index = Math.floor(random() * fleet.length);
      const crashed = fleet[index];
      if (crashed) crashed.alive = false;
      fleet[index] = start();
      crash();
    });
  };
  if (scenario.crashEvery !== undefined) crash();
  const suspend = (): void => {
    world.after(between(random, 0, 2 * (scenario.suspendEvery ?? Infinity)), () => {
      const suspended = fleet[Math.floor(random() * fleet.length)];
      const sleep = between(random, 0, HOUR);
      if (suspended && suspended.asleepUntil <= world.now) {
        suspended.asleepUntil = world.now + sleep;
        world.after(sleep, () => void (suspended.slept += sleep));
      }
      suspend();
    });
  };
  if (scenario.suspendEvery !== undefined) suspend();

  for (let time = 0; time < duration && broken.length === 0; time += MINUTE) await world.run(time + MINUTE);
  if (broken[0]) throw broken[0];
  const issuedAt = Array.from(server.issued.values(), ({ expiresAt }) => expiresAt - lifetime);
  return { ...outcome, tokensIssued: server.issued.size, requests: server.requests, issuedAt };
}
