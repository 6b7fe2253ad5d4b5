import type { RemedyLine } from '../errors/configuration.error.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import type { AuthorizationServer, CallerClaims, CallerKind, Claims, IssuerPattern } from './authorization-server.js';
import { clientIdOf, subjectIsClient } from './claims.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { checkArguments, domainRule, optionalRule, textRule } from './factory-arguments.js';
import { tokenParametersBy } from './request-rules.js';
import { readScopes } from './scopes.js';

/** What identifies a user pool. */
export interface CognitoOptions {
  /** AWS region: `eu-west-1`. */
  region: string;
  /** Id of the user pool: `eu-west-1_AbCdEfGhI`. */
  userPoolId: string;
  /** The pool's domain: its prefix (`acme`), or a whole host name. @default discovered with the first token request */
  domain?: string | undefined;
}

/**
 * Amazon Cognito. Its access tokens have no `aud`: the audience is the set of the resource servers whose scopes a token
 * carries, so the scope `https://shop-api/read` is of the audience `https://shop-api`.
 *
 * @throws M2MConfigurationError
 * @see {@link https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html Amazon Cognito: token endpoint}
 */
export function cognito(options: CognitoOptions): AuthorizationServer {
  checkArguments('cognito', options, {
    region: textRule('eu-west-1', /^[a-z]{2,}(?:-[a-z]+)+-\d+$/, 'is not an AWS region'),
    userPoolId: textRule('eu-west-1_AbCdEfGhI', /^[\w-]+_[0-9A-Za-z]+$/, 'is not the id of a user pool'),
    domain: optionalRule(domainRule('acme')),
  });
  const { region, userPoolId, domain: host } = options;
  const fullHost = host?.includes('.') ? host : host && `${host}.auth.${region}.amazoncognito.com`;
  return Object.freeze({
    name: 'Cognito',
    issuer: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    ...(fullHost && { tokenEndpoint: `https://${fullHost.toLowerCase()}/oauth2/token` }),
    clientAuthentication: clientSecretBasic({ encoding: 'raw' }),
    absentScope: 'as-requested',
    tokenExchange: 'none',
    tokenParameters: cognitoTokenParameters,
    readClaims: readCognitoClaims,
    checkClaims: checkCognitoClaims,
  });
}

/** Issuers of Cognito. */
export const cognitoIssuer: IssuerPattern<'region' | 'userPoolId'> = {
  issuer: /^https:\/\/cognito-idp\.(?<region>[a-z0-9-]+)\.amazonaws\.com\/(?<userPoolId>\w[\w-]*_[0-9A-Za-z]+)\/?$/,
  example: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI',
  unmistakable: /^https:\/\/cognito-idp\./,
  create: ({ region, userPoolId }) => cognito({ region, userPoolId }),
};

const cognitoTokenParameters = tokenParametersBy('Cognito', {
  unknown: {
    audience: scopeOf,
    resource: scopeOf,
    organization: (organization) => ({ option: 'parameters', value: { aws_client_metadata: { organization } } }),
  },
});

function scopeOf(api: string): RemedyLine {
  return { option: 'scope', value: `${api}/read` };
}

function readCognitoClaims(claims: Claims): CallerClaims {
  const clientId = clientIdOf(claims, 'client_id', 'azp');
  const scopes = readScopes(claims['scope']);
  return { clientId, scopes, audience: resourceServersOf(scopes), kind: cognitoCallerKind(claims, clientId) };
}

/** A resource server's id may be a URL, so what follows the last slash is the scope's own name. */
function resourceServersOf(scopes: readonly string[]): readonly string[] {
  const ids = scopes.map((scope) => scope.slice(0, Math.max(scope.lastIndexOf('/'), 0)));
  return [...new Set(ids.filter((id) => id !== ''))];
}

function cognitoCallerKind(claims: Claims, clientId: string | undefined): CallerKind {
  if (claims['username'] !== undefined) return 'user';
  return claims['token_use'] === 'access' && subjectIsClient(claims, clientId) ? 'machine' : 'unknown';
}

function checkCognitoClaims(claims: Claims): void {
  if (claims['token_use'] === 'access') return;
  throw new InvalidTokenError('not-an-access-token', 'its claim token_use is not access');
}
