import { AssertionError } from 'node:assert';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import type { Clock } from '../time/clock.js';
import { checkServerOptions } from './options/check-arguments.js';
import { dialectNamed } from './options/dialect-names.js';
import type { TokenRequestParameters } from './engine/dialect.js';
import { dialects } from './dialects/dialects.js';
import { issuerOf, type AuthorizationServerState } from './engine/authorization-server-state.js';
import { createState } from './engine/create-state.js';
import { preflightAnswer, readableAcrossOrigins } from './engine/cross-origin.js';
import { Disturbances } from './engine/disturbances.js';
import { answer, endpointAt } from './engine/endpoints.js';
import { LoopbackListener, receive, send } from './engine/loopback-listener.js';
import { orderToken } from './engine/minting.js';
import type { Answer, ReceivedRequest } from './engine/received-request.js';
import { logEntry } from './engine/request-log.js';
import { environmentOf } from './environment.js';
import { loopbackAuthorizationServer } from './loopback-authorization-server.js';
import type {
  TestAuthorizationServerOptions,
  TestClient,
  TestDialectName,
  TestEndpoint,
  TestFailure,
  TestRequest,
  TestTokenOptions,
} from './options/test-authorization-server-options.js';

/**
 * A real authorization server on the loopback interface, for tests and local development.
 *
 * It behaves like the product that its `dialect` names: paths, parameters, strictness, status codes, error bodies,
 * headers and tokens. It holds no state outside its process and is never for production.
 *
 * @example
 * await using server = await TestAuthorizationServer.start({ dialect: 'auth0', clients: { orders: 's3cret' } });
 */
export class TestAuthorizationServer implements AsyncDisposable {
  // Not `private`, so that nothing that prints a server prints its clients' secrets.
  readonly #listener: LoopbackListener;
  readonly #state: AuthorizationServerState;
  readonly #onRequest: TestAuthorizationServerOptions['onRequest'];
  readonly #disturbances: Disturbances;
  readonly #seen: TestRequest[] = [];

  private constructor(
    readonly dialect: TestDialectName,
    listener: LoopbackListener,
    state: AuthorizationServerState,
    onRequest: TestAuthorizationServerOptions['onRequest'],
  ) {
    this.#listener = listener;
    this.#state = state;
    this.#onRequest = onRequest;
    this.#disturbances = new Disturbances(state.clock);
    listener.answer((message, response) => void this.#respond(message, response));
  }

  /**
   * Starts a server.
   * @throws M2MConfigurationError for options that do not exist, and values that cannot be
   * @throws TypeError without a client, or without a resource
   * @throws Error with the code `EADDRINUSE` for a port that is in use
   */
  static async start(options: TestAuthorizationServerOptions = {}): Promise<TestAuthorizationServer> {
    checkServerOptions(options);
    const { port = 0, tls } = options;
    const name = dialectNamed(options.dialect) ?? 'standard';
    const shared = await createState(dialects[name], options);
    const listener = await LoopbackListener.start(port, tls);
    const state = { ...shared, origin: listener.origin };
    return new TestAuthorizationServer(name, listener, state, options.onRequest);
  }

  /** Scheme, host and port: `http://127.0.0.1:<port>`. */
  get url(): string {
    return this.#state.origin;
  }

  /** The exact `iss` of its tokens. */
  get issuer(): string {
    return issuerOf(this.#state);
  }

  /** Where tokens are requested. */
  get tokenEndpoint(): string {
    return this.url + this.#state.dialect.paths.token;
  }

  /** Where the key set is (RFC 7517, section 5). */
  get jwksUri(): string {
    return this.url + this.#state.dialect.paths.keys;
  }

  /** The product's own profile, with its endpoints here: what `authorizationServer` of the options takes. */
  get authorizationServer(): AuthorizationServer {
    const { introspection } = this.#state.dialect.paths;
    const { url, issuer, tokenEndpoint, jwksUri } = this;
    const introspectionEndpoint = introspection && url + introspection;
    return loopbackAuthorizationServer(this.dialect, { url, issuer, tokenEndpoint, jwksUri, introspectionEndpoint });
  }

  /** The ids of its clients. */
  get clientIds(): readonly string[] {
    return this.#state.registry.clientIds;
  }

  /** The identifiers of its resources. */
  get resources(): readonly string[] {
    return this.#state.registry.resources;
  }

  /** The clock that tokens, quotas and delays go by. */
  get clock(): Clock {
    return this.#state.clock;
  }

  /**
   * What a client asks for, in the product's own parameters, to get all its scopes of a resource.
   *
   * @param resource default: the first
   * @param clientId default: the first
   * @throws TypeError for a client that it does not know
   */
  tokenRequest(resource: string = this.#state.registry.firstResource, clientId?: string): TokenRequestParameters {
    const { dialect, registry } = this.#state;
    return dialect.asks(resource, registry.grantable(registry.get(clientId), resource));
  }

  /**
   * The `M2M_*` variables of a service that calls and is called as one of its clients.
   *
   * @example Object.assign(process.env, server.environment())
   * @param clientId default: the first
   * @throws TypeError for a client that it does not know
   */
  environment(clientId?: string): Readonly<Record<string, string>> {
    const { dialect, issuer, clientIds } = this;
    const { registry } = this.#state;
    const client = registry.get(clientId);
    const audience = registry.firstResource;
    const tokenRequest = this.tokenRequest(audience, client.id);
    return environmentOf({ dialect, issuer, client, clientIds, audience, tokenRequest });
  }

  /**
   * Registers a client, or replaces one.
   *
   * @param client a string is its secret; default: a random secret, which `secretOf` returns
   * @throws M2MConfigurationError for names that are no options
   */
  register(clientId: string, client: string | TestClient = randomSecret()): void {
    this.#state.registry.register(clientId, client);
  }

  /**
   * The secret that a client has now; `undefined` if it has none.
   *
   * @param clientId default: the first
   * @throws TypeError for a client that it does not know
   */
  secretOf(clientId?: string): string | undefined {
    return this.#state.registry.get(clientId).secret;
  }

  /**
   * Signs an access token as the product would write it, for any client: clients and scopes need not be registered.
   *
   * @throws M2MConfigurationError for names that are no options
   */
  async mint(options: TestTokenOptions = {}): Promise<string> {
    return (await this.#state.tokens.issue(orderToken(this.#state, options))).accessToken;
  }

  /** Signs with a new key from now on; as many old keys stay published as the product keeps. */
  rotateKeys(): Promise<void> {
    return this.#state.keys.rotate();
  }

  /** Withdraws a key from the key set; if it was the one that signs, a new one takes its place. @param kid default: the one that signs */
  dropKey(kid: string = this.#state.keys.current.kid): Promise<void> {
    return this.#state.keys.drop(kid);
  }

  /** Ends a token; introspection says so. */
  revoke(accessToken: string): void {
    this.#state.tokens.revoke(accessToken);
  }

  /**
   * Replaces a client's secret by a random one: the old one is refused as expired.
   *
   * @param clientId default: the first
   * @returns the new secret
   * @throws TypeError for a client that it does not know
   */
  expireSecret(clientId?: string): string {
    const secret = randomSecret();
    this.#state.registry.replaceSecret(clientId, secret);
    return secret;
  }

  /**
   * Answers the next requests to an endpoint with a failure.
   *
   * @throws M2MConfigurationError for names that are no options
   */
  fail(failure: TestFailure = {}): void {
    this.#disturbances.fail(failure);
  }

  /** Makes every answer of an endpoint wait, by the server's clock; 0 ends it. @param milliseconds the wait */
  delay(milliseconds: number, endpoint: TestEndpoint = 'token'): void {
    this.#disturbances.delay(milliseconds, endpoint);
  }

  /** Stops listening and cuts all connections, until `comeBack()`. */
  goDown(): Promise<void> {
    return this.#listener.close();
  }

  /** Listens again, at the same port. */
  comeBack(): Promise<void> {
    return this.#listener.reopen();
  }

  /** The requests that it got so far, in order, without secrets. */
  requests(endpoint?: TestEndpoint): readonly TestRequest[] {
    return endpoint === undefined ? [...this.#seen] : this.#seen.filter((request) => request.endpoint === endpoint);
  }

  /** Forgets these requests. */
  clearRequests(): void {
    this.#seen.length = 0;
  }

  /**
   * Fails a test unless the token endpoint was asked exactly `expected` times so far, refused requests included.
   *
   * @throws AssertionError that lists the requests
   */
  expectTokenRequests(expected: number): void {
    const requests = this.requests('token');
    if (requests.length === expected) return;
    const lines = requests.map(({ status, error, clientId, parameters }) =>
      ['', status, error, clientId, JSON.stringify(parameters)].filter((part) => part !== undefined).join(' '),
    );
    const message = [`expected ${expected} token requests, got ${requests.length}`, ...lines].join('\n');
    throw new AssertionError({ message, actual: requests.length, expected, operator: 'expectTokenRequests' });
  }

  /** Ends it. The same as `goDown()`, under the name of what nobody means to start again. */
  stop(): Promise<void> {
    return this.goDown();
  }

  /** Ends it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #respond(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const request = await receive(message);
      const given = preflightAnswer(this.#state, request) ?? (await this.#answer(request));
      send(response, readableAcrossOrigins(this.#state, request, given));
    } catch {
      // Who asked is gone, or asked what no endpoint can read.
      response.destroy();
    }
  }

  async #answer(request: ReceivedRequest): Promise<Answer> {
    const endpoint = endpointAt(this.#state, request.path);
    const given = this.#disturbances.take(endpoint) ?? (await answer(this.#state, endpoint, request));
    const entry = logEntry(endpoint, request, given);
    this.#seen.push(entry);
    this.#onRequest?.(entry);
    await this.#disturbances.wait(endpoint);
    return given;
  }
}

function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}
