import { LRUCache } from 'lru-cache';
import { entryLimit } from '../../collections/entry-limit.js';
import { isM2MError, type M2MError } from '../../errors/m2m.error.js';
import { hasCode } from '../../errors/has-code.js';
import type { IdentifiedLogger } from '../../events/identified-logger.js';
import { LimitedLog } from '../../events/limited-log.js';
import { LOG_IDS } from '../../events/log-ids.js';
import { quoted } from '../../events/log-text.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import type { Clock } from '../../time/clock.js';
import type { FailedRequestsSubject, M2MClientEvent } from './m2m-client-event.js';
import { inWords, type RequestedToken } from './requested-token.js';

/** What follows from failed token requests, from the least to the most serious. */
const CONSEQUENCES = [
  [LOG_IDS.TOKENS_IN_MEMORY, 'tokens in memory are used'],
  [LOG_IDS.TOKENS_ABOUT_TO_EXPIRE, 'tokens about to expire are used'],
  [LOG_IDS.CALLS_FAIL, 'calls that need a token fail'],
] as const;
const [RENEWAL_FAILS, OUTLIVES, CALLS_FAIL] = [0, 1, 2] as const;
type Level = typeof RENEWAL_FAILS | typeof OUTLIVES | typeof CALLS_FAIL;

/** What does not work now. */
interface Trouble {
  /** Index of the consequence that was written last. */
  readonly level: Level;
  /** Milliseconds, monotonic. */
  readonly since: number;
}

/** The limit of troubles that are remembered. */
const LIMIT = entryLimit(1000);

/** Writes one line when the state of tokens changes, and none for a call. */
export class TokenLog {
  readonly #troubles = new LRUCache<string, Trouble>(LIMIT);
  /** Scopes that are missing, by token; and whether the token for which that was found is not there yet. */
  readonly #scopes = new LRUCache<string, { readonly missing: string; isNew: boolean }>(LIMIT);
  readonly #ofCallers: LimitedLog;

  constructor(
    private readonly logger: IdentifiedLogger,
    private readonly clock: Clock,
  ) {
    this.#ofCallers = new LimitedLog(logger, clock);
  }

  /** Takes note of an event of a client. */
  event(client: ResolvedClient, event: M2MClientEvent): void {
    switch (event.type) {
      case 'renewal-failed':
      case 'request-failed': {
        const subject = subjectOf(client, event.concerns, event.requested);
        // An endpoint that refuses works.
        if (event.concerns !== 'endpoint' && hasCode(event.error, 'ERR_M2M_TOKEN_REQUEST'))
          this.#ended(ofEndpoint(client));
        this.#fail(subject, event.type === 'request-failed' ? CALLS_FAIL : RENEWAL_FAILS, event.error);
        return;
      }
      case 'served-during-outage':
        this.#fail(this.#known(client, event.requested) ?? ofEndpoint(client), OUTLIVES);
        return;
      case 'issued':
      case 'renewed':
        for (const subject of subjectsOf(client, event.requested)) this.#ended(subject);
        this.#granted(client, event.requested);
        return;
      case 'scope-missing':
        this.#missing(client, event.requested, event.missing.join(' '));
        return;
      case 'store-failed': {
        const key = event.isDown ? STORE : `${STORE} ${event.error.message}`;
        if (!this.#begins(`${key} ${client.name}`, RENEWAL_FAILS)) return;
        this.logger.warn(
          LOG_IDS.STORE_FAILS,
          `Token store ${of(client)} fails; it is passed over: ${quoted(event.error.message)}`,
        );
        return;
      }
      case 'credential-failed':
        if (!this.#begins(`${CREDENTIAL} ${client.name}`, RENEWAL_FAILS)) return;
        this.logger.warn(
          LOG_IDS.CREDENTIAL_FAILS,
          `Credential ${of(client)} cannot be read anew; it is used as it was: ${quoted(event.error.message)}`,
        );
        return;
      case 'credential-changed': {
        const which =
          event.thumbprint === undefined
            ? 'secret'
            : `key or certificate, with the SHA-256 thumbprint ${event.thumbprint}`;
        this.logger.log(LOG_IDS.CREDENTIAL_CHANGED, `Token requests ${of(client)} use another ${which}`);
        return;
      }
      // Of targets: those that somebody should do something about are logged by TargetLog.
      case 'rejected':
      case 'rejections-ignored':
      case 'certificate-missing':
      case 'scope-refused':
      case 'rejected-when-failed':
    }
  }

  /**
   * Takes note of an event of a token that was requested on behalf of a caller. Others may fare otherwise, so that its
   * failures are no state of the client: there is a line a minute at most.
   */
  eventOfCaller(client: ResolvedClient, event: M2MClientEvent): void {
    if (event.type === 'issued') this.#ended(ofEndpoint(client));
    if (event.type !== 'request-failed') return;
    if (event.concerns === 'endpoint') {
      this.event(client, event);
      return;
    }
    if (hasCode(event.error, 'ERR_M2M_TOKEN_REQUEST')) this.#ended(ofEndpoint(client));
    const subject = ofToken(client, event.requested);
    const text = `Token requests on behalf of a caller ${subject} fail: ${quoted(event.error.message)}`;
    this.#ofCallers.write({
      id: LOG_IDS.EXCHANGE_FAILS,
      level: 'warn',
      subject,
      reason: 'exchange',
      text,
      fields: {},
    });
  }

  /** Takes note of the result of a call that had to wait: a new token, or an error. */
  called(client: ResolvedClient, requested: RequestedToken, error: unknown): void {
    if (isM2MError(error)) {
      const subject = concernsClient(error) ? of(client) : ofToken(client, requested);
      this.#fail(this.#known(client, requested) ?? subject, CALLS_FAIL, error);
    } else if (error === undefined) this.#ended(ofToken(client, requested));
  }

  /** Takes note that the token store of a client works again. */
  storeRecovered(client: ResolvedClient): void {
    const after = this.#over(`${STORE} ${client.name}`);
    if (after !== undefined)
      this.logger.log(LOG_IDS.STORE_WORKS, `Token store ${of(client)} works again after ${after} s`);
  }

  /** Takes note that the credential of a client can be read again. */
  credentialRecovered(client: ResolvedClient): void {
    const after = this.#over(`${CREDENTIAL} ${client.name}`);
    if (after !== undefined)
      this.logger.log(LOG_IDS.CREDENTIAL_WORKS, `Credential ${of(client)} is read again after ${after} s`);
  }

  /** Forgets what does not work for a client. */
  forget(client: ResolvedClient): void {
    const isOfClient = (subject: string): boolean =>
      subject.startsWith(of(client)) || (/^(?:store|credential) /.test(subject) && subject.endsWith(` ${client.name}`));
    for (const subjects of [this.#troubles, this.#scopes]) {
      for (const subject of [...subjects.keys()].filter(isOfClient)) subjects.delete(subject);
    }
  }

  /** Writes how many failures on behalf of callers were not written. */
  close(): void {
    this.#ofCallers.close();
  }

  /** Of those that the token depends on, the subject whose requests fail already. */
  #known(client: ResolvedClient, requested: RequestedToken): string | undefined {
    return subjectsOf(client, requested).find((subject) => this.#troubles.has(subject));
  }

  #fail(subject: string, level: Level, error?: Error): void {
    if (!this.#begins(subject, level)) return;
    const why = error ? `: ${quoted(error.message)}` : '';
    const [id, consequence] = CONSEQUENCES[level];
    this.logger[level === CALLS_FAIL ? 'error' : 'warn'](id, `Token requests ${subject} fail; ${consequence}${why}`);
  }

  #ended(subject: string): void {
    const after = this.#over(subject);
    if (after !== undefined)
      this.logger.log(LOG_IDS.REQUESTS_SUCCEED, `Token requests ${subject} succeed again after ${after} s`);
  }

  #missing(client: ResolvedClient, requested: RequestedToken, missing: string): void {
    const subject = ofToken(client, requested);
    const known = this.#scopes.get(subject);
    this.#scopes.set(subject, { missing, isNew: true });
    if (known?.missing !== missing)
      this.logger.warn(LOG_IDS.SCOPE_MISSING, `Tokens ${subject} lack the scope ${quoted(missing)}`);
  }

  #granted(client: ResolvedClient, requested: RequestedToken): void {
    const subject = ofToken(client, requested);
    const known = this.#scopes.get(subject);
    if (!known) return;
    if (known.isNew) known.isNew = false;
    else if (this.#scopes.delete(subject))
      this.logger.log(LOG_IDS.SCOPE_GRANTED, `Tokens ${subject} have the scope ${quoted(known.missing)}`);
  }

  /** Whether something is worse than it was. */
  #begins(subject: string, level: Level): boolean {
    const known = this.#troubles.get(subject);
    if (known && known.level >= level) return false;
    this.#troubles.set(subject, { level, since: known?.since ?? this.clock.monotonic() });
    return true;
  }

  /** Seconds that a trouble took. `undefined` if there was none. */
  #over(subject: string): number | undefined {
    const known = this.#troubles.get(subject);
    if (!known) return undefined;
    this.#troubles.delete(subject);
    return Math.round((this.clock.monotonic() - known.since) / 1000);
  }
}

const STORE = 'store';
const CREDENTIAL = 'credential';

/** What another process found out comes without an event. */
function concernsClient(error: M2MError): boolean {
  if (hasCode(error, 'ERR_M2M_TOKEN_REQUEST')) return error.upstreamStatus === 401 || error.upstreamStatus === 429;
  return hasCode(error, 'ERR_M2M_BUDGET_EXCEEDED');
}

function subjectOf(client: ResolvedClient, concerns: FailedRequestsSubject, requested: RequestedToken): string {
  if (concerns === 'endpoint') return ofEndpoint(client);
  return concerns === 'client' ? of(client) : ofToken(client, requested);
}

function subjectsOf(client: ResolvedClient, requested: RequestedToken): readonly string[] {
  return [ofEndpoint(client), of(client), ofToken(client, requested)];
}

/** A function that fails has no outage but those of its tokens. */
function ofEndpoint(client: ResolvedClient): string {
  if (client.accessTokenProvider) return of(client);
  const { tokenEndpoint, issuer } = client.authorizationServer;
  return `to ${quoted(tokenEndpoint ?? issuer)}`;
}

function of({ accessTokenProvider, clientId, name }: ResolvedClient): string {
  const client = accessTokenProvider ? 'the client with accessTokenProvider' : `client ${quoted(clientId)}`;
  return `of ${client}${name === undefined ? '' : ` (${quoted(name)})`}`;
}

function ofToken(client: ResolvedClient, requested: RequestedToken): string {
  return `${of(client)} for ${quoted(inWords(requested))}`;
}
