import { unescape } from 'node:querystring';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { isLoopback } from '../http/loopback.js';
import { auth0 } from './auth0.js';
import type { AuthorizationServer } from './authorization-server.js';
import { cognito } from './cognito.js';
import { entraId } from './entra-id.js';
import { hydra } from './hydra.js';
import { keycloak } from './keycloak.js';
import { logto } from './logto.js';
import { oidc } from './oidc.js';
import { okta } from './okta.js';
import { simpleIdServer } from './simple-id-server.js';
import { zitadel } from './zitadel.js';

/** The products, as `M2M_PROVIDER` names them. */
export type ProviderName =
  'oidc' | 'auth0' | 'cognito' | 'logto' | 'simple-id-server' | 'keycloak' | 'entra-id' | 'okta' | 'hydra' | 'zitadel';

/** What factories are called with, as far as an issuer tells it. */
type Parts = Readonly<
  Record<
    'domain' | 'region' | 'userPoolId' | 'endpoint' | 'url' | 'realm' | 'tenantId' | 'authorizationServerId',
    string
  >
>;

/** How an issuer of a product looks, its parts being named groups, and what makes the server of them. */
interface Provider {
  readonly issuer: RegExp;
  readonly example: string;
  /** Issuers that are of no other product. Absent: they look like anybody's. */
  readonly unmistakable?: RegExp;
  readonly create: (parts: Parts, issuer: string) => AuthorizationServer;
}

const providers: Readonly<Record<ProviderName, Provider>> = {
  auth0: {
    issuer: /^https:\/\/(?<domain>[^/]+)\/?$/,
    example: 'https://acme.eu.auth0.com/',
    unmistakable: /^https:\/\/[^/]+\.auth0\.com\//,
    create: ({ domain }) => auth0({ domain }),
  },
  cognito: {
    issuer: /^https:\/\/cognito-idp\.(?<region>[a-z0-9-]+)\.amazonaws\.com\/(?<userPoolId>\w[\w-]*_[0-9A-Za-z]+)\/?$/,
    example: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
    unmistakable: /^https:\/\/cognito-idp\./,
    create: ({ region, userPoolId }) => cognito({ region, userPoolId }),
  },
  logto: {
    issuer: /^(?<endpoint>.+)\/oidc\/?$/,
    example: 'https://acme.logto.app/oidc',
    unmistakable: /^https:\/\/[^/]+\.logto\.app\//,
    create: ({ endpoint }) => logto({ endpoint }),
  },
  'entra-id': {
    issuer: /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\/(?<tenantId>[0-9a-f-]{36})(?:\/v2\.0)?\/?$/i,
    example: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
    unmistakable: /^https:\/\/(?:login\.microsoftonline\.com|sts\.windows\.net)\//,
    create: ({ tenantId }) => entraId({ tenantId }),
  },
  okta: {
    issuer: /^https:\/\/(?<domain>[^/]+)\/oauth2\/(?<authorizationServerId>\w+)\/?$/,
    example: 'https://acme.okta.com/oauth2/default',
    unmistakable: /^https:\/\/[^/]+\.okta(?:preview|-emea)?\.com\/oauth2\//,
    create: ({ domain, authorizationServerId }) => okta({ domain, authorizationServerId }),
  },
  keycloak: {
    issuer: /^(?<url>.+)\/realms\/(?<realm>[^/]+)\/?$/,
    example: 'https://sso.example.com/realms/acme',
    unmistakable: /\/realms\/[^/]+\/?$/,
    create: ({ url, realm }) => keycloak({ url, realm: unescape(realm) }),
  },
  zitadel: {
    issuer: /^https?:\/\/[^/]+\/?$/,
    example: 'https://acme.zitadel.cloud',
    unmistakable: /^https:\/\/[^/]+\.zitadel\.cloud\//,
    create: (_, issuer) => zitadel({ issuer }),
  },
  'simple-id-server': {
    issuer: /^/,
    example: 'https://id.example.com/master',
    create: (_, issuer) => simpleIdServer({ url: issuer }),
  },
  hydra: { issuer: /^/, example: 'https://hydra.example.com/', create: (_, issuer) => hydra({ issuer }) },
  oidc: { issuer: /^/, example: 'https://id.example.com', create: (_, issuer) => oidc({ issuer }) },
};

/** The authorization server that an issuer most likely is of. */
export interface GuessedAuthorizationServer {
  readonly provider: ProviderName;
  readonly server: AuthorizationServer;
}

/**
 * Tells by its URL which product an issuer is; `oidc` where that cannot be told.
 *
 * @throws M2MConfigurationError where the issuer is not a URL that could be one, or not one of the product it looks like
 */
export function guessAuthorizationServer(issuer: string): GuessedAuthorizationServer {
  const href = URL.canParse(issuer) ? new URL(issuer).href : '';
  const known = (Object.keys(providers) as ProviderName[]).find((name) => providers[name].unmistakable?.test(href));
  const provider = known ?? 'oidc';
  return { provider, server: authorizationServerFromIssuer(provider, issuer) };
}

/**
 * The authorization server of a named product with a given issuer.
 *
 * An issuer on loopback may be any product's, for there it is one that somebody runs for development or tests; its
 * endpoints are then discovered.
 *
 * @throws M2MConfigurationError where there is no such product, or the issuer cannot be one of its
 */
export function authorizationServerFromIssuer(provider: string, issuer: string): AuthorizationServer {
  if (!isProvider(provider)) throw unknownProvider(provider);
  const { issuer: form, example, create } = providers[provider];
  const parts = partsOf(issuer, form);
  if (parts) return inTermsOfIssuer(() => create(parts, issuer), example);
  if (!URL.canParse(issuer) || !isLoopback(new URL(issuer))) throw notAnIssuerOf(provider, issuer, example);
  const profile = create(partsOf(example, form) as Parts, example);
  return Object.freeze({ ...profile, issuer, acceptedIssuers: undefined, tokenEndpoint: undefined });
}

function partsOf(issuer: string, form: RegExp): Parts | undefined {
  const match = form.exec(issuer);
  return match ? ({ ...match.groups } as Parts) : undefined;
}

function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(providers, name);
}

function unknownProvider(name: string): M2MConfigurationError {
  const remedy = Object.keys(providers).map((known) => `M2M_PROVIDER=${known}`);
  return new M2MConfigurationError([
    { option: 'M2M_PROVIDER', problem: `is '${name}', which is no provider`, remedy: remedy.join('\n') },
  ]);
}

function notAnIssuerOf(provider: ProviderName, issuer: string, example: string): M2MConfigurationError {
  const problem = `is '${withoutCredentials(issuer)}', which cannot be an issuer of the provider ${provider}`;
  const remedy = `M2M_ISSUER=${example}\nor another M2M_PROVIDER; M2M_PROVIDER=oidc takes any issuer`;
  return new M2MConfigurationError([{ option: 'M2M_ISSUER', problem, remedy }]);
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//');
}

/** Says of the issuer what a factory says of its arguments. */
function inTermsOfIssuer(create: () => AuthorizationServer, example: string): AuthorizationServer {
  try {
    return create();
  } catch (error) {
    if (!(error instanceof M2MConfigurationError)) throw error;
    const remedy = `M2M_ISSUER=${example}`;
    throw new M2MConfigurationError(error.problems.map(({ problem }) => ({ option: 'M2M_ISSUER', problem, remedy })));
  }
}
