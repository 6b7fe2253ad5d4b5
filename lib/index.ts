export { M2MModule, type M2MModuleAsyncOptions } from './m2m.module.js';
export { m2mConfig } from './m2m.config.js';
export { optionsFromEnvironment } from './options/options-from-environment.js';
export { M2M_MODULE_OPTIONS } from './options/injection-tokens.js';

export type { M2MModuleOptions, M2MOptionsFactory } from './options/module-options.js';
export type { M2MHttpOptions } from './http/http-options.js';
export type {
  M2MBudgetOptions,
  M2MClientOptions,
  M2MClientResolver,
  M2MNamedClientOptions,
  M2MRenewalOptions,
  M2MRetryOptions,
  M2MRejectedWhen,
  M2MTarget,
  M2MTargetAnswer,
  M2MTargetHttpOptions,
  M2MTokenOptions,
} from './options/client-options.js';
export type {
  M2MAccessTokenProvider,
  M2MAccessTokenRequest,
  M2MProvidedToken,
} from './options/access-token-provider.js';
export type { M2MIntrospectionOptions } from './options/introspection-options.js';
export type { M2MResourceMetadataOptions } from './options/resource-metadata-options.js';
export type {
  M2MCheckedAudience,
  M2MKeySetOptions,
  M2MResourceServerOptions,
  M2MTokenCacheOptions,
  M2MTrustAlone,
  M2MUncheckedAudience,
  TrustedIssuer,
  TrustedIssuerResolver,
} from './options/resource-server-options.js';
export type { M2MFeature } from './options/module-feature.js';
export type { M2MByName, M2MClientName, M2MNames, M2MTargetName } from './options/m2m-names.js';
export type { InboundTransportOption } from './options/inbound-transport-option.js';
export type { JwsAlgorithm } from './options/jws-algorithm.js';
export type { StoredToken, TokenStore, TokenStoreLease } from './options/token-store.js';

export type {
  AuthorizationServer,
  CallerClaims,
  CallerKind,
  Claims,
  TokenErrorAnswer,
  TokenParameters,
  TokenResponseBody,
  AuthorizationServerRequest,
} from './authorization-servers/authorization-server.js';
export type { JsonWebKeySet } from './json-web-keys/json-web-key-set.js';
export type { ClientAuthentication } from './client-authentication/client-authenticators.js';
export {
  clientAssertion,
  clientAssertionFile,
  type ClientAssertion,
} from './client-authentication/client-assertion.js';
export { clientSecretBasic, type ClientSecretBasic } from './client-authentication/client-secret-basic.js';
export { clientSecretJwt, type ClientSecretJwt } from './client-authentication/client-secret-jwt.js';
export { clientSecretPost, type ClientSecretPost } from './client-authentication/client-secret-post.js';
export { none, type NoAuthentication } from './client-authentication/none.js';
export type { ClientAssertionAlgorithm } from './client-authentication/assertion-algorithms.js';
export { privateKeyJwt, type PrivateKeyJwt } from './client-authentication/private-key-jwt.js';
export { mutualTls, type MutualTls } from './client-authentication/tls-client-auth.js';
export { auth0 } from './authorization-servers/auth0.js';
export { cognito, type CognitoOptions } from './authorization-servers/cognito.js';
export { entraId, type EntraIdOptions } from './authorization-servers/entra-id.js';
export { hydra } from './authorization-servers/hydra.js';
export { keycloak, type KeycloakOptions } from './authorization-servers/keycloak.js';
export { logto } from './authorization-servers/logto.js';
export { oidc } from './authorization-servers/oidc.js';
export { okta, type OktaOptions } from './authorization-servers/okta.js';
export { simpleIdServer, type SimpleIdServerOptions } from './authorization-servers/simple-id-server.js';
export { spring } from './authorization-servers/spring.js';
export { zitadel } from './authorization-servers/zitadel.js';

export { M2MClientService } from './client/m2m-client.service.js';
export type { RequestedToken } from './client/events/requested-token.js';
export type {
  M2MClientEvent,
  ScopeMissingEvent,
  TokenEvent,
  TokenIssuedEvent,
  TokenRejectedEvent,
  RejectedWhenFailedEvent,
  RejectionsIgnoredEvent,
  CertificateMissingEvent,
  CredentialChangedEvent,
  CredentialFailedEvent,
  ScopeRefusedEvent,
  TokenRenewalFailedEvent,
  TokenRenewedEvent,
  TokenRequestFailedEvent,
  TokenServedDuringOutageEvent,
  TokenStoreFailedEvent,
} from './client/events/m2m-client-event.js';
export type { M2MClientStats, M2MTokenStats, TokenQuota } from './client/events/stats.js';
export { getM2MClientToken, InjectM2MClient } from './client/inject-m2m-client.decorator.js';
export { getM2MHttpToken, InjectM2MHttp } from './client/inject-m2m-http.decorator.js';
export type { TokenRequest } from './client/token-request.js';
export type { AxiosLike } from './client/requests/axios-like.js';
export type { M2MRequestOptions } from './client/requests/axios-request-config.js';
export type { KeptToken } from './client/tokens/cache/kept-token.js';
export type { AccessToken } from './client/tokens/token/access-token.js';

export { M2MGuard } from './resource-server/m2m.guard.js';
export { EnforcesM2M } from './resource-server/enforces-m2m.decorator.js';
export type { M2MUserOptions } from './resource-server/machine-or-user.guard.js';
export type { M2MHttpRequest, M2MRequest } from './resource-server/transports/m2m-request.js';
export type {
  M2MFastifyReply,
  M2MHttpResponse,
  M2MNodeResponse,
} from './resource-server/transports/m2m-http-response.js';
export { graphql } from './resource-server/transports/graphql.js';
export { AllowClients } from './resource-server/authorization/decorators/allow-clients.decorator.js';
export { Caller } from './resource-server/authorization/decorators/caller.decorator.js';
export { CallerToken } from './resource-server/authorization/decorators/caller-token.decorator.js';
export { OptionalToken } from './resource-server/authorization/decorators/optional-token.decorator.js';
export { Public } from './resource-server/authorization/decorators/public.decorator.js';
export { RequireAnyScope } from './resource-server/authorization/decorators/require-any-scope.decorator.js';
export { RequireAudience } from './resource-server/authorization/decorators/require-audience.decorator.js';
export { RequireScopes } from './resource-server/authorization/decorators/require-scopes.decorator.js';
export type { AllowedClient, Condition } from './resource-server/authorization/condition.js';
export { M2MHandlers } from './resource-server/handler-audit/m2m-handlers.js';
export type { M2MHandler } from './resource-server/handler-audit/listed-handlers.js';
export type { M2MCaller, M2MCallerField } from './caller/m2m-caller.js';
export { M2MTokenVerifier } from './resource-server/m2m-token-verifier.js';
export { M2MStrategy } from './resource-server/m2m.strategy.js';
export type { M2MKeySetStats, M2MResourceServerStats } from './resource-server/events/stats.js';
export type {
  CallerRefusedEvent,
  IssuerLookupFailedEvent,
  KeySetFailedEvent,
  KeySetFetchedEvent,
  KeysUnavailableEvent,
  M2MResourceServerEvent,
  TokenRefusedEvent,
  TokenVerifiedEvent,
} from './resource-server/events/m2m-resource-server-event.js';

export { BudgetExceededError } from './errors/budget-exceeded.error.js';
export { CallbackError } from './errors/callback.error.js';
export { CallerNotAllowedError } from './errors/caller-not-allowed.error.js';
export { M2MConfigurationError, type ConfigurationProblem, type RemedyLine } from './errors/configuration.error.js';
export { DiscoveryError } from './errors/discovery.error.js';
export { InsufficientScopeError } from './errors/insufficient-scope.error.js';
export { InvalidTokenError, type InvalidTokenReason } from './errors/invalid-token.error.js';
export { KeysUnavailableError } from './errors/keys-unavailable.error.js';
export { isM2MError, M2MError, type M2MErrorCode } from './errors/m2m.error.js';
export { TokenEndpointError } from './errors/token-endpoint.error.js';
export { TokenRequestError, type TokenRequestRefusal } from './errors/token-request.error.js';
export { TokenStoreError } from './errors/token-store.error.js';
export { NoCallerTokenError } from './errors/no-caller-token.error.js';
export { UntrustedTargetError } from './errors/untrusted-target.error.js';
