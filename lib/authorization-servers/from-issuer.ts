import { M2MConfigurationError } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isLoopback } from '../http/loopback.js';
import { auth0Issuer } from './auth0.js';
import type { AuthorizationServer } from './authorization-server.js';
import { cognitoIssuer } from './cognito.js';
import { entraIdIssuer } from './entra-id.js';
import { hydraIssuer } from './hydra.js';
import type { IssuerPattern } from './issuer-pattern.js';
import { keycloakIssuer } from './keycloak.js';
import { logtoIssuer } from './logto.js';
import { oidcIssuer } from './oidc.js';
import { oktaIssuer } from './okta.js';
import { simpleIdServerIssuer } from './simple-id-server.js';
import { zitadelIssuer } from './zitadel.js';

/** The products, as `M2M_PROVIDER` names them. */
export type ProviderName =
  'oidc' | 'auth0' | 'cognito' | 'logto' | 'simple-id-server' | 'keycloak' | 'entra-id' | 'okta' | 'hydra' | 'zitadel';

/** In the order in which an issuer is compared with them. */
const ISSUER_PATTERNS: Readonly<Record<ProviderName, IssuerPattern>> = {
  auth0: auth0Issuer,
  cognito: cognitoIssuer,
  logto: logtoIssuer,
  'entra-id': entraIdIssuer,
  okta: oktaIssuer,
  keycloak: keycloakIssuer,
  zitadel: zitadelIssuer,
  'simple-id-server': simpleIdServerIssuer,
  hydra: hydraIssuer,
  oidc: oidcIssuer,
};

/** The product that an issuer most likely is of, and the authorization server. */
export interface GuessedAuthorizationServer {
  readonly provider: ProviderName;
  readonly server: AuthorizationServer;
}

/**
 * Guesses the product of an issuer by its URL. It is `oidc` if the URL does not tell.
 *
 * @throws M2MConfigurationError if the issuer cannot be one, or not one of the product that it looks like
 */
export function guessAuthorizationServer(issuer: string): GuessedAuthorizationServer {
  const href = URL.canParse(issuer) ? new URL(issuer).href : '';
  const known = (Object.keys(ISSUER_PATTERNS) as ProviderName[]).find((name) =>
    ISSUER_PATTERNS[name].unmistakable?.test(href),
  );
  const provider = known ?? 'oidc';
  return { provider, server: authorizationServerFromIssuer(provider, issuer) };
}

/**
 * The authorization server of a named product with a given issuer.
 *
 * Any product may have an issuer on loopback, for development and tests. Its endpoints are then discovered.
 *
 * @throws M2MConfigurationError if there is no such product, or it cannot have that issuer
 */
export function authorizationServerFromIssuer(provider: string, issuer: string): AuthorizationServer {
  if (!isProvider(provider)) throw unknownProvider(provider);
  const { issuer: form, example, create } = ISSUER_PATTERNS[provider];
  const parts = partsOf(issuer, form);
  if (parts) return inTermsOfIssuer(() => create(parts, issuer), example);
  if (!URL.canParse(issuer) || !isLoopback(new URL(issuer))) throw notAnIssuerOf(provider, issuer, example);
  const profile = create(partsOf(example, form) ?? {}, example);
  return Object.freeze({ ...profile, issuer, acceptedIssuers: undefined, tokenEndpoint: undefined });
}

function partsOf(issuer: string, form: RegExp): Readonly<Record<string, string>> | undefined {
  const match = form.exec(issuer);
  return match ? { ...match.groups } : undefined;
}

function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(ISSUER_PATTERNS, name);
}

function unknownProvider(name: string): M2MConfigurationError {
  const remedy = Object.keys(ISSUER_PATTERNS).map((known) => `M2M_PROVIDER=${known}`);
  return new M2MConfigurationError([
    { option: 'M2M_PROVIDER', problem: `is '${name}', which is no provider`, remedy: remedy.join('\n') },
  ]);
}

function notAnIssuerOf(provider: ProviderName, issuer: string, example: string): M2MConfigurationError {
  const problem = `is '${bareUrl(issuer)}', which cannot be an issuer of the provider ${provider}`;
  const remedy = `M2M_ISSUER=${example}\nor another M2M_PROVIDER; M2M_PROVIDER=oidc takes any issuer`;
  return new M2MConfigurationError([{ option: 'M2M_ISSUER', problem, remedy }]);
}

/** Turns the problems of a factory's arguments into problems of the issuer. */
function inTermsOfIssuer(create: () => AuthorizationServer, example: string): AuthorizationServer {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    const remedy = `M2M_ISSUER=${example}`;
    throw new M2MConfigurationError(error.problems.map(({ problem }) => ({ option: 'M2M_ISSUER', problem, remedy })));
  }
}
