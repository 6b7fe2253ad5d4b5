import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isLoopback } from '../http/loopback.js';
import { isPrivatePlainHttp } from '../http/private-host.js';
import { inTermsOf } from '../validation/problems.js';
import { similarName } from '../validation/similar-name.js';
import { auth0Issuer } from './auth0.js';
import type { AuthorizationServer, IssuerPattern } from './authorization-server.js';
import { cognitoIssuer } from './cognito.js';
import { entraIdIssuer } from './entra-id.js';
import { hydraIssuer } from './hydra.js';
import { keycloakIssuer } from './keycloak.js';
import { logtoIssuer } from './logto.js';
import { oidcIssuer } from './oidc.js';
import { oktaIssuer } from './okta.js';
import { simpleIdServerIssuer } from './simple-id-server.js';
import { springIssuer } from './spring.js';
import { zitadelIssuer } from './zitadel.js';

/** In the order in which an issuer is compared with them. */
const ISSUER_PATTERNS = {
  auth0: auth0Issuer,
  cognito: cognitoIssuer,
  logto: logtoIssuer,
  'entra-id': entraIdIssuer,
  okta: oktaIssuer,
  keycloak: keycloakIssuer,
  zitadel: zitadelIssuer,
  'simple-id-server': simpleIdServerIssuer,
  hydra: hydraIssuer,
  spring: springIssuer,
  oidc: oidcIssuer,
} as const satisfies Record<string, IssuerPattern>;

/** The products, as `M2M_PROVIDER` names them. */
export type ProviderName = keyof typeof ISSUER_PATTERNS;

/** Every product. */
export const PROVIDER_NAMES: readonly string[] = Object.keys(ISSUER_PATTERNS);

/** How an issuer of a product looks. @param provider of another name: as that of any server */
export function issuerExample(provider: string | undefined): string {
  const known = provider !== undefined && Object.hasOwn(ISSUER_PATTERNS, provider);
  return ISSUER_PATTERNS[known ? (provider as ProviderName) : 'oidc'].example;
}

/**
 * Guesses the product of an issuer by its URL. It is `oidc` if the URL does not tell.
 *
 * @throws M2MConfigurationError if the issuer cannot be one, or not one of the product that it looks like
 */
export function guessAuthorizationServer(issuer: string): { provider: ProviderName; server: AuthorizationServer } {
  const href = URL.canParse(issuer) ? new URL(issuer).href : '';
  const known = Object.entries<IssuerPattern>(ISSUER_PATTERNS).find(([, pattern]) => pattern.unmistakable?.test(href));
  const provider = (known?.[0] ?? 'oidc') as ProviderName;
  return { provider, server: authorizationServerFromIssuer(provider, issuer) };
}

/**
 * The authorization server of a named product with a given issuer.
 *
 * Any product may have an issuer on loopback, or over plain HTTP on a private network, for development and tests. Its
 * endpoints are then discovered.
 *
 * @throws M2MConfigurationError if there is no such product, or it cannot have that issuer
 */
export function authorizationServerFromIssuer(provider: string, issuer: string): AuthorizationServer {
  if (!Object.hasOwn(ISSUER_PATTERNS, provider)) throw unknownProvider(provider);
  const { issuer: form, example, create }: IssuerPattern = ISSUER_PATTERNS[provider as ProviderName];
  const parts = partsOf(issuer, form);
  if (parts) {
    const remedy = `M2M_ISSUER=${example}`;
    const ofIssuer = ({ problem }: ConfigurationProblem) => ({ option: 'M2M_ISSUER', problem, remedy });
    return inTermsOf(ofIssuer, () => create(parts, issuer));
  }
  if (!URL.canParse(issuer) || !isForDevelopment(new URL(issuer))) throw notAnIssuerOf(provider, issuer, example);
  const profile = create(partsOf(example, form) ?? {}, example);
  const audience = profile.assertionAudience === undefined ? undefined : 'token-endpoint';
  return Object.freeze({
    ...profile,
    issuer,
    acceptedIssuers: undefined,
    tokenEndpoint: undefined,
    assertionAudience: audience,
  });
}

function isForDevelopment(issuer: URL): boolean {
  return isLoopback(issuer) || isPrivatePlainHttp(issuer);
}

function partsOf(issuer: string, form: RegExp): Readonly<Record<string, string>> | undefined {
  const match = form.exec(issuer);
  return match ? { ...match.groups } : undefined;
}

/** It is not shown unless it is misspelt: it may be a secret. */
function unknownProvider(name: string): M2MConfigurationError {
  const meant = similarName(name, PROVIDER_NAMES);
  const problem = meant === undefined ? 'is no provider' : `is '${name}', which is no provider`;
  const remedies = (meant === undefined ? PROVIDER_NAMES : [meant]).map((known) => `M2M_PROVIDER=${known}`);
  return new M2MConfigurationError({ option: 'M2M_PROVIDER', problem, remedy: remedies.join('\nor ') });
}

function notAnIssuerOf(provider: string, issuer: string, example: string): M2MConfigurationError {
  const problem = `is '${bareUrl(issuer)}', which cannot be an issuer of the provider ${provider}`;
  const remedy = `M2M_ISSUER=${example}\nor M2M_PROVIDER=oidc # takes any issuer`;
  return new M2MConfigurationError({ option: 'M2M_ISSUER', problem, remedy });
}
