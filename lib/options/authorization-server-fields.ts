import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { readStandardClaims, standardTokenParameters } from '../authorization-servers/standard.js';
import type { RemedyLine } from '../errors/configuration.error.js';
import { bareUrl } from '../http/bare-url.js';
import { isText } from '../validation/checks.js';
import { custom, required, type Field, type FieldsOf, type Values } from '../validation/fields.js';
import { duration, field, method, oneOf, text, texts } from '../validation/field-types.js';
import { describeValue } from '../validation/problems.js';
import { CLIENT_AUTHENTICATION } from './client-authentication-field.js';
import { KEY_SET } from './key-set-field.js';

/** An address of the server. A text that is no URL is not shown: it may be a secret. */
function serverUrl(examplePath = ''): Field<string | undefined> {
  return custom((problems, path, value) => {
    const instead = (url: string): readonly RemedyLine[] => [{ option: path, value: url }];
    if (!isText(value) || !URL.canParse(value)) {
      const remedy = instead(`https://id.example.com${examplePath}`);
      problems.add(path, isText(value) ? 'is no URL' : describeValue(value), remedy);
      return undefined;
    }
    const url = new URL(value);
    const bare = bareUrl(value);
    if (url.username || url.password) problems.add(path, `is ${bare} with user information`, instead(bare));
    // Whether plain HTTP is allowed is another option.
    else if (!/^https?:$/.test(url.protocol)) {
      const remedy = instead(bare.replace(/^[a-z]+:/i, 'https:'));
      problems.add(path, `is ${bare}: anything but HTTPS is refused, except on loopback`, remedy);
    }
    return value;
  });
}

/** How to write `tokenParameters`. */
export const TOKEN_PARAMETERS_EXAMPLE = '({ audience }) => ({ audience })';

/** Who issues tokens, and how that server differs from the standard. */
export const AUTHORIZATION_SERVER_FIELDS = {
  name: field({ accepts: isText, example: "'my server'", default: 'authorization server' }),
  issuer: required(serverUrl()),
  acceptedIssuers: texts('https://id.example.com', true),
  openToStrangers: field({
    accepts: (value): value is boolean => typeof value === 'boolean',
    example: 'true',
    default: false,
  }),
  metadataUrl: serverUrl('/.well-known/openid-configuration'),
  tokenEndpoint: serverUrl('/token'),
  jwksUri: serverUrl('/jwks.json'),
  jwks: KEY_SET,
  introspectionEndpoint: serverUrl('/introspect'),
  clientAuthentication: CLIENT_AUTHENTICATION,
  assertionAudience: text('https://id.example.com'),
  requestFormat: oneOf(['form', 'json'], 'form'),
  tokenExchange: oneOf(['standard', 'on-behalf-of', 'none'], 'standard'),
  absentScope: oneOf(['as-requested', 'none', 'as-in-token'], 'as-in-token'),
  defaultLifetime: duration({ least: 1000, default: 300_000 }),
  requestHeaders: method<AuthorizationServer['requestHeaders']>("() => ({ 'x-api-key': apiKey })"),
  readTokenResponse: method<AuthorizationServer['readTokenResponse']>(
    '({ accessToken }) => ({ access_token: accessToken })',
  ),
  wrongCredentials: method<AuthorizationServer['wrongCredentials']>("({ error }) => error === 'invalid_client'"),
  tokenParameters: method(TOKEN_PARAMETERS_EXAMPLE, standardTokenParameters),
  readClaims: method<NonNullable<AuthorizationServer['readClaims']>>(
    "(claims, audience) => ({ clientId, scopes, audience: [], kind: 'machine' })",
    readStandardClaims,
  ),
  checkClaims: method<AuthorizationServer['checkClaims']>('(claims) => { ... }'),
} as const satisfies FieldsOf<AuthorizationServer>;

/** An authorization server with the defaults filled in. */
export interface ResolvedAuthorizationServer extends Values<typeof AUTHORIZATION_SERVER_FIELDS> {
  readonly acceptedIssuers: readonly string[];
}
