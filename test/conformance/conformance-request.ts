import type { Platform } from '../support/guarded-app.js';
import type { TestIssuer, TestKey } from '../support/issuer.js';

/** How the guarded API answers: status and challenge; `unavailable` alone says when to come again. */
export const answers = {
  ok: { status: 200, challenge: undefined },
  'no credentials': { status: 401, challenge: 'Bearer realm="api"' },
  'invalid request': {
    status: 400,
    challenge:
      'Bearer realm="api", error="invalid_request", error_description="one access token is needed, in one Authorization header"',
  },
  'invalid token': {
    status: 401,
    challenge: 'Bearer realm="api", error="invalid_token", error_description="the access token is not valid here"',
  },
  'not allowed': {
    status: 403,
    challenge: 'Bearer realm="api", error="insufficient_scope", error_description="this caller is not allowed"',
  },
  'lacks read': { status: 403, challenge: insufficientScope('read:products') },
  'lacks write': { status: 403, challenge: insufficientScope('read:products write:products') },
  'lacks any': { status: 403, challenge: insufficientScope('admin editor') },
  unavailable: { status: 503, challenge: undefined },
} as const;

export type Answer = keyof typeof answers;

/** One for each platform where they read a request in different ways. */
type ExpectedAnswer = Answer | Readonly<Record<Platform, Answer>>;

/** A request as it goes over the wire, and the answer that it must get. */
export interface ConformanceRequest {
  readonly name: string;
  readonly answer: ExpectedAnswer;
  /** Without the version. @default 'GET /products' */
  readonly requestLine?: string;
  readonly headers: readonly string[];
  readonly body?: string;
}

/** What requests are made of. */
export interface World {
  readonly issuer: TestIssuer;
  /** A second trusted issuer, of which only `read:products` is honoured; its key has the `kid` of the first one's. */
  readonly partner: TestIssuer;
  /** A trusted issuer of Auth0's kind, of which only the organization `org_acme` is let in. */
  readonly tenants: TestIssuer;
  /** A trusted issuer whose keys cannot be had. */
  readonly unreachable: TestIssuer;
  /** A trusted issuer whose keys stand in the options. */
  readonly given: TestIssuer;
  /** A trusted issuer whose keys a function of the options returns, and that function throws. */
  readonly failing: TestIssuer;
  /** The primary issuer's RS256 key. */
  readonly rsa: TestKey;
  /** All of the primary issuer's keys, one for each algorithm. */
  readonly keys: readonly TestKey[];
  /** Keys of the primary issuer that others fit as well: two under one `kid`, and four without one for ES256. */
  readonly twins: readonly TestKey[];
  readonly nameless: readonly TestKey[];
  readonly partnerKey: TestKey;
  readonly tenantsKey: TestKey;
  readonly unreachableKey: TestKey;
  readonly givenKey: TestKey;
  readonly failingKey: TestKey;
  /** Nobody's key, under the same `kid`. */
  readonly stranger: TestKey;
  /** A valid token of the primary issuer, with the scope `read:products`. */
  readonly good: string;
}

/** Makes the requests of one group. */
export type Group = (world: World) => readonly ConformanceRequest[];

export function bearer(
  name: string,
  answer: ExpectedAnswer,
  token: string,
  rest: Partial<ConformanceRequest> = {},
): ConformanceRequest {
  return { name, answer, headers: [`Authorization: Bearer ${token}`], ...rest };
}

/** A value as a name shows it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_name, member: unknown) => (member === undefined ? 'absent' : member));
  return text.length > 60 ? `${text.slice(0, 20)}...${text.slice(-20)} (${text.length} characters)` : text;
}

function insufficientScope(scope: string): string {
  return `Bearer realm="api", error="insufficient_scope", error_description="the access token lacks a scope that is needed here", scope="${scope}"`;
}
