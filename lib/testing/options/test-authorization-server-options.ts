import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { ProviderName } from '../../authorization-servers/from-issuer.js';
import type { Clock } from '../../time/clock.js';

/** A product whose behaviour the test server reproduces; `standard` keeps to the RFCs. */
export type TestDialectName =
  | 'standard'
  | 'auth0'
  | 'cognito'
  | 'logto'
  | 'simpleIdServer'
  | 'keycloak'
  | 'entraId'
  | 'okta'
  | 'hydra'
  | 'spring'
  | 'zitadel';

/** A client authentication method, by its name in the IANA registry. */
export type TestClientAuthenticationMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'self_signed_tls_client_auth'
  | 'none';

/** How many tokens a client may ask for. */
export interface TestQuota {
  /** In any hour. @default unlimited */
  perHour?: number | undefined;
  /** In any 24 hours. @default unlimited */
  perDay?: number | undefined;
}

/** A public key: PEM of the key or its certificate, JWK or KeyObject. */
export type TestPublicKey = string | JsonWebKey | KeyObject;

/** A client that is registered at the test server. */
export interface TestClient {
  /** Its secret. @default none */
  secret?: string | undefined;
  /**
   * What its assertions are verified with (`private_key_jwt`): PEM of the key or its certificate, JWK or KeyObject. A list
   * while it rotates. Entra ID takes certificates only.
   */
  publicKey?: TestPublicKey | readonly TestPublicKey[] | undefined;
  /** Whose assertions stand in for its own (workload identity federation), signed with `publicKey`. @default its own, by its id */
  federatedAs?:
    | {
        /** The `iss` of the assertions. */
        readonly issuer: string;
        /** The `sub` of the assertions. */
        readonly subject: string;
      }
    | undefined;
  /** The certificate that it shows (`self_signed_tls_client_auth`), as PEM. A list while it rotates. Needs `tls`. */
  certificate?: string | readonly string[] | undefined;
  /** The only method that it may use. @default what the product says; if it says nothing, every method it knows */
  authentication?: TestClientAuthenticationMethod | undefined;
  /** The scopes that it may have. @default all */
  scopes?: readonly string[] | undefined;
  /** The resources that it may ask tokens for. @default all */
  resources?: readonly string[] | undefined;
  /** The organizations that it may act in. @default all */
  organizations?: readonly string[] | undefined;
  /** Milliseconds that its tokens live. @default the product's own */
  tokenLifetime?: number | undefined;
  /** Whether its tokens can be read, or are handles for introspection only. @default 'jwt' */
  tokenFormat?: 'jwt' | 'opaque' | undefined;
  /** Whether it may exchange a token that it was given for another (RFC 8693; on-behalf-of with Entra ID). @default true, and false for a client without any credentials */
  tokenExchange?: boolean | undefined;
  /** Claims that all its tokens carry besides the product's own, which they replace; `undefined` removes one. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** How many tokens it may ask for. @default unlimited */
  quota?: TestQuota | undefined;
}

/** What `TestAuthorizationServer.start` takes. Durations are in milliseconds. */
export interface TestAuthorizationServerOptions {
  /** Which product to behave like; its name in `M2M_PROVIDER`, as `entra-id`, will do too. @default 'standard' */
  dialect?: TestDialectName | ProviderName | undefined;
  /** Clients by their id; a string is a secret. @default { 'test-client': 'test-secret' } */
  clients?: Readonly<Record<string, string | TestClient>> | undefined;
  /** The APIs that tokens are for, by their identifier; as an object, with the scopes of each. @default ['https://api.example.test'] */
  resources?: readonly string[] | Readonly<Record<string, readonly string[]>> | undefined;
  /** The scopes of the resources that are listed without their own. @default ['read:products', 'write:products'] */
  scopes?: readonly string[] | undefined;
  /** What tokens are signed with: an RS, PS, ES algorithm or EdDSA. @default the product's own */
  signingAlg?: string | undefined;
  /** The port to listen on. @default 0, a free one */
  port?: number | undefined;
  /** What tokens, quotas and delays are timed by. @default the system's */
  clock?: Clock | undefined;
  /** Called with every request when its answer is known. */
  onRequest?: ((request: TestRequest) => void) | undefined;
  /** Whether it may start with `NODE_ENV=production`. @default false */
  allowProduction?: boolean | undefined;
  /** Whether requests must name the server by a loopback host with its port; others are answered with 421. @default false */
  loopbackHostsOnly?: boolean | undefined;
  /** Origins whose pages may send it requests, as Swagger UI does: `http://localhost:3000` (CORS). @default none */
  allowedOrigins?: readonly string[] | undefined;
  /** Serve HTTPS with this certificate and key (PEM), and ask clients for theirs. @default plain HTTP */
  tls?:
    | {
        /** The server's certificate, as PEM. */
        readonly cert: string;
        /** Its private key, as PEM. */
        readonly key: string;
      }
    | undefined;
}

/** A token to sign without a token request. */
export interface TestTokenOptions {
  /** The client that it is issued to. @default the first client */
  clientId?: string | undefined;
  /** Separated by spaces, or an array. @default every scope that the client may have */
  scope?: string | readonly string[] | undefined;
  /** The APIs that it is for. @default the first resource */
  audience?: string | readonly string[] | undefined;
  /** The organization that it is for, as the product writes it. */
  organization?: string | undefined;
  /** Makes it a token that a user gave the client, as the product writes it, with this `sub`. @default a machine's own token */
  user?: string | undefined;
  /** Milliseconds from now; negative for a token that is over. @default the client's, else the product's own */
  expiresIn?: number | undefined;
  /** Claims to add or to replace; `undefined` removes one. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  /** Header parameters to add or to replace; `undefined` removes one. */
  header?: Readonly<Record<string, unknown>> | undefined;
  /** Whether it can be read, or is a handle for introspection only. @default the client's `tokenFormat` */
  format?: 'jwt' | 'opaque' | undefined;
}

/** One of the test server's endpoints. */
export type TestEndpoint = 'token' | 'keys' | 'discovery' | 'introspection' | 'revocation';

/** An answer in place of the real one. */
export interface TestFailure {
  /** The HTTP status. @default 503 */
  status?: number | undefined;
  /** A string is sent as it is, anything else as JSON. @default empty */
  body?: unknown;
  /** Headers of the answer. @default none */
  headers?: Readonly<Record<string, string>> | undefined;
  /** How many requests are answered so. @default 1 */
  times?: number | undefined;
  /** The endpoint that fails. @default 'token' */
  endpoint?: TestEndpoint | undefined;
}

/** A request as the test server saw it, without its secrets. */
export interface TestRequest {
  /** `undefined` if nothing is at that path. */
  readonly endpoint: TestEndpoint | undefined;
  /** The HTTP method. */
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parameters of the body. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The client that the request names; `undefined` if it names none. */
  readonly clientId: string | undefined;
  /** The status of the answer. */
  readonly status: number;
  /** The `error` of the answer. */
  readonly error: string | undefined;
}
