import { LRUCache } from 'lru-cache';
import type { Claims } from '../../../authorization-servers/authorization-server.js';
import { VerifiedCaller } from '../../../caller/verified-caller.js';
import { entryLimit } from '../../../collections/entry-limit.js';
import { hasCode } from '../../../errors/has-code.js';
import { InvalidTokenError } from '../../../errors/invalid-token.error.js';
import { KeysUnavailableError } from '../../../errors/keys-unavailable.error.js';
import { quoted } from '../../../events/log-text.js';
import type { ResolvedIntrospection } from '../../../options/introspection-fields.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import { runOutsideRequests } from '../../../request-context/request-context.js';
import { now, since, type Moment } from '../../../time/moment.js';
import type { AuthenticatedToken } from '../access-token-authenticator.js';
import { checkCommonAudience, checkKind, checkTimes } from '../jwt/claim-rules.js';
import { readCaller } from '../jwt/read-caller.js';
import { Lanes } from '../lanes.js';
import { digestOf } from '../verified-token-cache.js';
import { IntrospectedToken, type Activity } from './introspected-token.js';
import { IntrospectionEndpoint, type IntrospectionEnvironment } from './introspection-endpoint.js';
import type { IntrospectionResponse } from './introspection-response.js';
import { checkIsAccessToken, checkIssuer, confirmationOf, withSparseClaims } from './introspection-rules.js';

/** Tokens that were refused, which anybody can cause, and those that were active: they live apart. */
const MOST_REFUSED = 10_000;
const MOST_ACTIVE = 10_000;
/** Milliseconds for which a token that was active has its turn before others. */
const LATELY = 600_000;
/** Requests that wait for their turn, in each lane. */
const MOST_WAITING = 1000;
/** Milliseconds that one waits at most. */
const LONGEST_WAIT = 2000;

interface Refused {
  readonly error: Error;
  readonly at: Moment;
}

interface LatelyActive extends Activity {
  at: Moment;
}

/** Asks one issuer about tokens: about each of them once at a time, and about few of them at once. */
export class Introspector {
  /** All by digests of tokens, and never by themselves. Each issuer has one endpoint, one client and one introspector. */
  private readonly refused = new LRUCache<string, Refused>(entryLimit(MOST_REFUSED));
  private readonly active = new LRUCache<string, LatelyActive>(entryLimit(MOST_ACTIVE));
  private readonly flights = new Map<string, Promise<AuthenticatedToken>>();
  private readonly lanes: Lanes;
  readonly #issuer: ResolvedIssuer;
  readonly #options: ResolvedIntrospection;
  readonly #rules: ResolvedResourceServerOptions;
  readonly #endpoint: IntrospectionEndpoint;
  readonly #environment: IntrospectionEnvironment;

  constructor(
    issuer: ResolvedIssuer,
    options: ResolvedIntrospection,
    rules: ResolvedResourceServerOptions,
    environment: IntrospectionEnvironment,
  ) {
    this.#issuer = issuer;
    this.#options = options;
    this.#rules = rules;
    this.#environment = environment;
    this.#endpoint = new IntrospectionEndpoint(issuer, options, environment);
    const { concurrency: most } = options;
    const limits = { most, mostUnknown: most - Math.ceil(most / 4), mostWaiting: MOST_WAITING };
    this.lanes = new Lanes({ ...limits, longestWait: LONGEST_WAIT }, environment.clock);
  }

  /** Resolves if the endpoint is known. @throws KeysUnavailableError */
  ready(): Promise<void> {
    return this.#endpoint.ready();
  }

  /**
   * Whom a token names.
   *
   * @param jwt its claims, if it is a JWT: nothing of them is verified yet
   * @throws InvalidTokenError, CallerNotAllowedError, KeysUnavailableError
   */
  async authenticate(token: string, jwt: Claims | undefined): Promise<AuthenticatedToken> {
    const digest = digestOf(token);
    const refused = this.refused.get(digest);
    if (refused && since(refused.at, this.#environment.clock) < this.#options.negativeTtl) throw refused.error;
    const existing = this.flights.get(digest);
    if (existing) return existing;
    const introspected = runOutsideRequests(() => this.introspect(token, jwt, digest));
    const flight = introspected.finally(() => this.flights.delete(digest));
    this.flights.set(digest, flight);
    return flight;
  }

  private async introspect(token: string, jwt: Claims | undefined, digest: string): Promise<AuthenticatedToken> {
    const answer = await this.lanes.run(this.laneOf(digest), () => this.#endpoint.ask(token));
    if (!answer) throw this.crowdedOut();
    try {
      return this.read(answer, jwt, digest);
    } catch (error) {
      this.refuse(digest, error);
      throw error;
    }
  }

  /** @throws InvalidTokenError, CallerNotAllowedError by the rules of every token */
  private read(
    { claims, payload, asOf }: IntrospectionResponse & { readonly asOf: Moment },
    jwt: Claims | undefined,
    digest: string,
  ) {
    if (claims['active'] !== true) throw this.inactive();
    const { clock } = this.#environment;
    const { ttl } = this.#options;
    const { authorizationServer: server, audience, tenant } = this.#issuer;
    checkIsAccessToken(claims);
    checkIssuer(claims, this.#issuer);
    const confirmation = confirmationOf(claims, jwt);
    // A JWT holds to its own end as well.
    const times = [claims, ...(jwt ? [jwt] : [])].map((each) => checkTimes(each, this.#rules, clock.wall()));
    checkKind(claims);
    checkCommonAudience(claims, this.#rules.commonAudience);
    const named = readCaller(claims, withSparseClaims(this.#issuer, jwt));
    const fields = { ...named, scopes: Object.freeze([...named.scopes]), audience: Object.freeze([...named.audience]) };
    const subject = claims['sub'] as string | undefined;
    const expiresAt = Math.min(...times.map((each) => each.expiresAt)) * 1000;
    const caller = new VerifiedCaller(server.issuer, fields, subject, expiresAt, payload, audience ?? [], tenant);
    const acceptedUntil = Math.min(...times.map((each) => each.acceptedUntil), asOf.wall + ttl);
    const activity = this.keepActive(digest, asOf);
    return new IntrospectedToken(caller, acceptedUntil, confirmation, activity);
  }

  private keepActive(digest: string, at: Moment): Activity {
    const known = this.active.get(digest);
    if (known) {
      known.at = at;
      return known;
    }
    const activity = { isActive: true, at };
    this.active.set(digest, activity);
    return activity;
  }

  /** A token that is not accepted any more is dropped at once, wherever it is remembered. */
  private refuse(digest: string, error: unknown): void {
    const activity = this.active.get(digest);
    if (activity) activity.isActive = false;
    this.active.delete(digest);
    const isOfToken = hasCode(error, 'ERR_M2M_INVALID_TOKEN') || hasCode(error, 'ERR_M2M_CALLER_NOT_ALLOWED');
    // A token that is early may be good in a moment.
    if (!isOfToken || (hasCode(error, 'ERR_M2M_INVALID_TOKEN') && error.reason === 'not-yet-valid')) return;
    this.refused.set(digest, { error, at: now(this.#environment.clock) });
  }

  private laneOf(digest: string): 'known' | 'unknown' {
    const activity = this.active.get(digest);
    return activity && since(activity.at, this.#environment.clock) < LATELY ? 'known' : 'unknown';
  }

  private inactive(): InvalidTokenError {
    const { authorizationServer: server } = this.#issuer;
    const message = `${server.name} says that the token is not active, or not for this client (${quoted(this.#options.clientId)}): it expired, was revoked or never issued, or that client may not see it`;
    return new InvalidTokenError('inactive', message);
  }

  private crowdedOut(): KeysUnavailableError {
    const { authorizationServer: server } = this.#issuer;
    const message = `${server.name} (${server.issuer}) was not asked about a token: ${this.#options.concurrency} requests are under way (introspection.concurrency), and too many wait`;
    return new KeysUnavailableError(message, 1);
  }
}
