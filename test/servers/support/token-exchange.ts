import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { M2MNamedClientOptions, M2MTarget } from '../../../lib/options/client-options.js';
import type { M2MResourceServerOptions } from '../../../lib/options/resource-server-options.js';
import type { Clock } from '../../../lib/time/clock.js';
import { startGateway, type Gateway } from './gateway.js';
import type { RealServer } from './real-server.js';
import { revoke, type BasicClient } from './basic-client.js';
import { ShiftedClock } from './shifted-clock.js';
import { startShop, type Shop } from './shop.js';

/** Milliseconds. */
const TIMEOUT = 120_000;

/** A caller of the gateway. */
export interface DelegatingCaller {
  /** A new token that is for the gateway. */
  token(): Promise<string>;
  /** Can revoke it. */
  readonly client: BasicClient;
}

/** Who calls the gateway of a real server, and the gateway, which calls the shop on behalf of its callers. */
export interface Delegation {
  readonly callers: readonly [DelegatingCaller, DelegatingCaller];
  readonly gateway: M2MNamedClientOptions & { readonly clientId: string };
  /** The `aud` of tokens for the gateway. */
  readonly audience: string;
  /** What the gateway needs beside it to let its callers in. @default nothing */
  readonly resourceServer?: Partial<M2MResourceServerOptions>;
  /** What the gateway requests for the shop. */
  readonly target: Omit<M2MTarget, 'url'>;
}

/** Two callers at once: each call that the gateway makes carries a token of its caller. */
export async function onBehalfOfTwo(server: RealServer): Promise<void> {
  const { callers, gateway: client } = delegationOf(server);
  await using shop = await openShop(server);
  await using gateway = await gatewayOf(server, shop);
  const tokens = await Promise.all(callers.map((caller) => caller.token()));
  const [one, other] = tokens.map((token) => decodeJwt(token).sub);
  expect(one).not.toBe(other);

  const claims = await Promise.all(
    tokens.flatMap((token) => [gateway.ask('on-behalf', token), gateway.ask('on-behalf-of', token)]),
  );
  const issued = (subject: string | undefined) =>
    expect.objectContaining({ iss: server.authorizationServer.issuer, sub: subject, aud: server.audience });
  expect(claims).toEqual([issued(one), issued(one), issued(other), issued(other)]);
  expect(claims.map(clientOf)).toEqual(Array.from(claims, () => client.clientId));
  // One exchange for each caller.
  expect(new Set(claims.map(idOf)).size).toBe(2);
}

/** How a real server refuses. */
export interface ExchangeRefusals {
  /** A gateway that may not exchange tokens, and what its calls fail with. */
  readonly withoutGrant: { readonly client: M2MNamedClientOptions; readonly error: object };
  /** A caller whose token is revoked while it is used, and what calls for it fail with. */
  readonly revoked: {
    /** @default the first one */
    readonly caller?: DelegatingCaller;
    /** What the gateway needs to let it in. @default nothing more */
    readonly resourceServer?: Partial<M2MResourceServerOptions>;
    readonly error: object;
  };
}

/** Token exchange at a real server: the same checks for each. */
export function describeTokenExchange(serverOf: () => RealServer, refusalsOf: () => ExchangeRefusals): void {
  describe('token exchange', () => {
    it(
      'gets a token that a guard for machines refuses, and the guard says what to write',
      async () => {
        const server = serverOf();
        const { authorizationServer, audience } = server;
        await using shop = await startShop({ authorizationServer, audience });
        await using gateway = await gatewayOf(server, shop);
        const answer = await gateway.ask('on-behalf', await delegationOf(server).callers[0].token());
        expect(answer).toMatchObject({ status: 403 });
        expect(shop.refusals.at(-1)).toMatch(/list the client in allowedClients with callers: 'any'/);
        const { clientId } = delegationOf(server).gateway;
        expect(shop.refusals.at(-1)).toContain(`"${clientId}"`);
      },
      TIMEOUT,
    );

    it(
      'is refused to a client that may not exchange tokens, and the error says what to do',
      async () => {
        const server = serverOf();
        const { client, error } = refusalsOf().withoutGrant;
        await using shop = await openShop(server);
        await using gateway = await gatewayOf(server, shop, { client });
        expect(await gateway.ask('on-behalf', await delegationOf(server).callers[0].token())).toMatchObject(error);
      },
      TIMEOUT,
    );

    it(
      'is refused for a revoked token of the caller, and for nobody else',
      async () => {
        const server = serverOf();
        const { caller = delegationOf(server).callers[0], resourceServer, error } = refusalsOf().revoked;
        const token = await caller.token();
        const meanwhile = once(() => revoke(server.authorizationServer.issuer, caller.client, token));
        await using shop = await openShop(server);
        await using gateway = await gatewayOf(server, shop, { resourceServer, meanwhile });
        expect(await gateway.ask('on-behalf', token)).toMatchObject(error);
        await worksForOthers(server, gateway);
      },
      TIMEOUT,
    );

    it(
      'does not begin with a token of the caller that expired meanwhile',
      async () => {
        const server = serverOf();
        const clock = new ShiftedClock();
        const token = await delegationOf(server).callers[0].token();
        await using shop = await openShop(server);
        const { exp = 0 } = decodeJwt(token);
        // A token is accepted for `clockTolerance` longer.
        const meanwhile = once(async () => clock.shift(exp * 1000 - Date.now() + 60_000));
        await using gateway = await gatewayOf(server, shop, { clock, meanwhile });
        const { tokenRequests } = gateway.m2m.stats();
        expect(await gateway.ask('on-behalf', token)).toMatchObject({ code: 'ERR_M2M_NO_CALLER_TOKEN' });
        expect(gateway.m2m.stats()).toMatchObject({ tokenRequests });
      },
      TIMEOUT,
    );
  });
}

/** A shop that lets the gateway in, whoever it acts for. */
export function openShop(server: RealServer, resourceServer: Partial<M2MResourceServerOptions> = {}): Promise<Shop> {
  const { authorizationServer, audience } = server;
  const allowedClients = [delegationOf(server).gateway.clientId];
  const rules = { ...resourceServer, callers: 'any', allowedClients } as const;
  return startShop({ authorizationServer, audience, resourceServer: rules });
}

interface GatewayDifference {
  readonly client?: M2MNamedClientOptions;
  readonly target?: Omit<M2MTarget, 'url'>;
  readonly resourceServer?: Partial<M2MResourceServerOptions> | undefined;
  readonly meanwhile?: () => Promise<void>;
  readonly clock?: Clock;
}

/** The gateway, or one that differs from it. */
export function gatewayOf(server: RealServer, shop: Shop, difference: GatewayDifference = {}): Promise<Gateway> {
  const { authorizationServer } = server;
  const { gateway, audience, ...delegation } = delegationOf(server);
  const { client = gateway, target = delegation.target, resourceServer, ...rest } = difference;
  return startGateway({
    options: {
      authorizationServer,
      client: {
        timeout: 60_000,
        ...client,
        targets: { shop: { url: shop.url, token: 'exchange', ...target, http: { timeout: 60_000 } } },
      },
      resourceServer: {
        audience,
        keySet: { timeout: 60_000 },
        ...delegation.resourceServer,
        ...resourceServer,
      } as M2MResourceServerOptions,
    },
    ...rest,
  });
}

/** That a refusal was one caller's: another's token is exchanged, and the gateway gets tokens of its own. */
async function worksForOthers(server: RealServer, gateway: Gateway): Promise<void> {
  const [, other] = delegationOf(server).callers;
  const token = await other.token();
  expect(await gateway.ask('on-behalf', token)).toMatchObject({ sub: decodeJwt(token).sub });
  expect(await gateway.m2m.getToken()).toEqual(expect.any(String));
}

function delegationOf({ delegation }: RealServer): Delegation {
  if (!delegation) throw new Error('no client may exchange tokens: register one, or say why the server lacks it');
  return delegation;
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}

/** The client that a token was issued to. */
function clientOf(claims: unknown): unknown {
  const { client_id, azp } = claims as { client_id?: unknown; azp?: unknown };
  return client_id ?? azp;
}

function idOf(claims: unknown): unknown {
  return (claims as { jti: unknown }).jti;
}
