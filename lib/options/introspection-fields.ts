import { isText } from '../validation/checks.js';
import { required, type FieldsOf, type Values } from '../validation/fields.js';
import { anything, duration, field, oneOf, text, wholeNumber } from '../validation/field-types.js';
import { CLIENT_AUTHENTICATION } from './client-authentication-field.js';
import type { M2MIntrospectionOptions } from './introspection-options.js';
import type { ResolvedCredentials } from './resolve-credentials.js';

/** `resourceServer.introspection` and `resourceServer.trust[<index>].introspection` */
export const INTROSPECTION_FIELDS = {
  clientId: required(text('products-api')),
  clientSecret: anything<M2MIntrospectionOptions['clientSecret']>(),
  clientAuthentication: CLIENT_AUTHENTICATION,
  when: oneOf(['opaque', 'always'], 'opaque'),
  tokenPrefix: field({
    accepts: (value): value is string => isText(value) && /^[\w.~+/-]+$/.test(value),
    problem: () => 'is not the beginning of a token: letters, digits, and - . _ ~ + /',
    example: "'ory_at_'",
  }),
  ttl: duration({ least: 1000, default: 60_000 }),
  negativeTtl: duration({ default: 10_000 }),
  timeout: wholeNumber({ least: 1, default: 5000 }),
  concurrency: wholeNumber({ least: 2, most: 1000, default: 16 }),
} as const satisfies FieldsOf<M2MIntrospectionOptions>;

/** How an issuer is asked about its tokens. */
export type ResolvedIntrospection = Omit<Values<typeof INTROSPECTION_FIELDS>, keyof ResolvedCredentials> &
  ResolvedCredentials;
