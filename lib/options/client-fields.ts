import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { isObject } from '../validation/checks.js';
import { section, type FieldsOf } from '../validation/fields.js';
import { anything, field, method, oneOf, text, wholeNumber } from '../validation/field-types.js';
import { describeValue } from '../validation/problems.js';
import { CLIENT_AUTHENTICATION } from './client-authentication-field.js';
import type { M2MClientOptions, M2MNamedClientOptions } from './client-options.js';
import { TOKEN_FIELDS } from './token-fields.js';
import type { TokenStore } from './token-store.js';

/** How a client gets its tokens, and how long it uses them. */
export const TOKEN_MANAGEMENT_FIELDS = {
  tokenStore: field({
    accepts: isTokenStore,
    problem: (value) => (isObject(value) ? `has no function ${wrongMethods(value).join(', ')}` : describeValue(value)),
    example: 'redisTokenStore({ client: redis, encryptionKey })',
  }),
  renewal: section({
    leeway: wholeNumber({ example: 10_000 }),
    ahead: wholeNumber({ example: 60_000 }),
    jitter: wholeNumber({ example: 30_000 }),
  }),
  timeout: wholeNumber({ least: 1, default: 10_000 }),
  retry: section({
    attempts: wholeNumber({ least: 1, default: 3 }),
    delay: wholeNumber({ default: 200 }),
    maxDelay: wholeNumber({ default: 2000 }),
  }),
  warmup: oneOf(['off', 'background', 'required'], 'off'),
  verifyScope: oneOf(['warn', 'strict', 'off'], 'warn'),
  budget: section({
    perHour: wholeNumber({ least: 1, example: 10, default: Infinity }),
    perDay: wholeNumber({ least: 1, example: 100, default: Infinity }),
  }),
} as const;

/** `client.clients.<name>` */
export const NAMED_CLIENT_FIELDS = {
  ...TOKEN_FIELDS,
  authorizationServer: anything<AuthorizationServer>(),
  clientId: text('my-service'),
  clientSecret: anything<M2MNamedClientOptions['clientSecret']>(),
  clientAuthentication: CLIENT_AUTHENTICATION,
  accessTokenProvider: method<M2MNamedClientOptions['accessTokenProvider']>(
    'async ({ audience, signal }) => ({ accessToken, expiresIn })',
  ),
  ...TOKEN_MANAGEMENT_FIELDS,
} as const satisfies FieldsOf<M2MNamedClientOptions>;

/** `client` */
export const CLIENT_FIELDS = {
  ...NAMED_CLIENT_FIELDS,
  targets: anything<M2MClientOptions['targets']>(),
  clients: anything<M2MClientOptions['clients']>(),
} as const satisfies FieldsOf<M2MClientOptions>;

/** A token store that lacks a method would only fail with the first token. */
function isTokenStore(value: unknown): value is TokenStore {
  return isObject(value) && wrongMethods(value).length === 0;
}

/** Names of the methods that are missing, and of the optional ones that are no functions. */
function wrongMethods(store: Readonly<Record<string, unknown>>): readonly string[] {
  const isWrong = (name: string): boolean => typeof store[name] !== 'function';
  const optional = ['acquire', 'renew'].filter((name) => store[name] !== undefined);
  return ['get', 'set', 'delete', ...optional].filter(isWrong);
}
