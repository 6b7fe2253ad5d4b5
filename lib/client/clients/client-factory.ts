import { EndpointResolver } from '../../authorization-servers/endpoint-resolver.js';
import type { IdentifiedLogger } from '../../events/identified-logger.js';
import { LOG_IDS } from '../../events/log-ids.js';
import { keptSubscriberFailed, quoted } from '../../events/log-text.js';
import { FoundServerHttp } from '../../http/found-server-http.js';
import type { FoundClientOptions, ResolvedClient } from '../../options/resolved-options.js';
import { TargetLog } from '../events/target-log.js';
import { TokenLog } from '../events/token-log.js';
import { RejectedTokens } from '../requests/rejected-tokens.js';
import { EndpointOutages } from '../tokens/acquisition/endpoint-outages.js';
import { createTokenManager, type TokenManagerSurroundings } from '../tokens/create-token-manager.js';
import { LiveOptions } from './live-options.js';
import { OAuthClient } from './oauth-client.js';

/** A client that a function found, and its options as they were answered last. */
export interface FoundClient {
  readonly client: OAuthClient;
  readonly options: LiveOptions;
}

/** The way to authorization servers, and what is known of their outages. */
type Way = Pick<TokenManagerSurroundings, 'http' | 'endpoints' | 'outages' | 'confirm'>;

/** What the clients of an application have in common. */
export interface ClientSurroundings extends Pick<TokenManagerSurroundings, 'http' | 'endpoints' | 'clock' | 'emit'> {
  readonly logger: IdentifiedLogger;
  /** Hosts of servers of found clients that may have other addresses than public ones. */
  readonly allowedHosts: readonly string[];
}

/** Makes the clients of an application. */
export class ClientFactory {
  readonly #surroundings: ClientSurroundings;
  readonly #log: TokenLog;
  /** To servers of the options. */
  readonly #own: Way;
  /** To servers that a function returned. Their outages are others, because they are reached in another way. */
  readonly #found: Way;

  constructor(surroundings: ClientSurroundings) {
    const { http, endpoints, clock, logger, allowedHosts } = surroundings;
    this.#surroundings = surroundings;
    this.#log = new TokenLog(logger, clock);
    this.#own = { http, endpoints, outages: new EndpointOutages(clock) };
    const found = new FoundServerHttp('client.clients', allowedHosts, clock);
    const foundEndpoints = new EndpointResolver((request) => found.request(request), clock);
    this.#found = { http: found, endpoints: foundEndpoints, outages: new EndpointOutages(clock) };
  }

  /** A client of the options. */
  make(options: ResolvedClient): OAuthClient {
    return this.#make(options, options, this.#own);
  }

  /**
   * Takes over what a function answered: the client that is there, or a new one if it says something else.
   *
   * @param confirm asks for the client again
   */
  accept(answer: FoundClientOptions, previous: FoundClient | undefined, confirm: () => Promise<unknown>): FoundClient {
    if (previous?.options.takes(answer)) {
      const { client, options } = previous;
      return client.hasDefaults(answer.client.defaults) ? previous : { client: client.with(answer.client), options };
    }
    const options = new LiveOptions(answer);
    const way = { ...(answer.isServerOwn ? this.#own : this.#found), confirm };
    return { client: this.#make(options.client, answer.client, way), options };
  }

  /** Forgets what the log knows of a client. */
  forget({ options }: FoundClient): void {
    this.#log.forget(options.latest);
  }

  /** Says that a client could not be asked for again. */
  lookUpFailed(name: string, { message }: Error): void {
    const line = `The client ${quoted(name)} cannot be looked up; it is used as before, for 5 min at most`;
    this.#surroundings.logger.warn(LOG_IDS.CLIENT_LOOKUP_FAILS, `${line}: ${quoted(message)}`);
  }

  /** Writes what the log has not written yet. */
  close(): void {
    this.#log.close();
  }

  /** @param options those that its manager reads @param answer those that its requests read */
  #make(options: ResolvedClient, answer: ResolvedClient, way: Way): OAuthClient {
    const { clock, logger, emit } = this.#surroundings;
    const log = this.#log;
    const manager = createTokenManager(options, {
      ...way,
      clock,
      emit: (event) => {
        log.event(options, event);
        emit(event);
      },
      emitOfCaller: (event) => {
        log.eventOfCaller(options, event);
        emit(event);
      },
      watch: {
        called: (requested, error) => log.called(options, requested, error),
        storeRecovered: () => log.storeRecovered(options),
        subscriberFailed: (thrown) => logger.error(LOG_IDS.KEPT_TOKEN_SUBSCRIBER_FAILS, keptSubscriberFailed(thrown)),
        credentialRecovered: () => log.credentialRecovered(options),
      },
    });
    return new OAuthClient(answer, manager, () => new RejectedTokens(clock, new TargetLog(logger, emit)));
  }
}
