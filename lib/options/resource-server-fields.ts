import type { Type } from '@nestjs/common';
import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import { isText } from '../validation/checks.js';
import { custom, required, section, type Field, type FieldsOf } from '../validation/fields.js';
import { anything, duration, field, list, method, oneOf, text, texts, wholeNumber } from '../validation/field-types.js';
import { describeList } from '../validation/problems.js';
import { ALLOWED_HOSTS } from './allowed-hosts-field.js';
import { isInboundTransportOption } from './inbound-transport-option.js';
import type { M2MIntrospectionOptions } from './introspection-options.js';
import { JWS_ALGORITHMS } from './jws-algorithm.js';
import { REALM } from './realm-field.js';
import { RESOURCE_METADATA } from './resource-metadata-field.js';
import type { M2MResourceServerOptions, TrustedIssuer, TrustedIssuerResolver } from './resource-server-options.js';

const AUDIENCE = field({
  accepts: isAudience,
  problem: (value) => describeList(value, isText),
  example: "'https://my-api', as the tokens carry it in aud; null to leave it unchecked, with allowedClients",
  resolve: (value) => (value === null ? null : Object.freeze([value].flat())),
});

/** Which tokens of an issuer are accepted: the options that the primary and the trusted issuers share. */
export const ISSUER_FIELDS = {
  authorizationServer: anything<AuthorizationServer>(),
  audience: required(AUDIENCE),
  allowedClients: texts('orders-service'),
  allowedOrganizations: texts('org_1'),
  callers: oneOf(['machine', 'any'], 'machine'),
  introspection: anything<M2MIntrospectionOptions>(),
} as const;

/** `resourceServer.trust[<index>]` */
export const TRUSTED_ISSUER_FIELDS = {
  ...ISSUER_FIELDS,
  // An empty list is an answer: tokens of that issuer are accepted, and hold no scope here.
  scopes: required(texts('read:products', true)),
  tenant: text('tenant-7'),
} as const satisfies FieldsOf<TrustedIssuer>;

/** `resourceServer.trust[<index>]`, if it is a function that finds issuers. */
export const RESOLVER_FIELDS = {
  resolve: method<TrustedIssuerResolver['resolve']>('(issuer) => tenants.find(issuer)'),
  allowedHosts: ALLOWED_HOSTS,
} as const satisfies FieldsOf<TrustedIssuerResolver>;

const CACHE = section({
  maxTokens: wholeNumber({ least: 1, most: 1_000_000, default: 10_000 }),
  ttl: wholeNumber({ least: 1, default: 60_000 }),
});

/** How tokens of every issuer are verified. */
export const VERIFICATION_FIELDS = {
  algorithms: algorithms(),
  tokenType: oneOf(['at+jwt', 'any'], 'any'),
  clockTolerance: duration({ most: 60_000, default: 5000 }),
  maxTokenAge: duration({ example: 3_600_000 }),
  cache: custom<ReturnType<typeof CACHE.read> | false>(
    (problems, path, value) => value !== false && CACHE.read(problems, path, value),
    CACHE.default,
  ),
  keySet: section({
    maxAge: wholeNumber({ least: 1, default: 600_000 }),
    cooldown: wholeNumber({ least: 1, default: 30_000 }),
    timeout: wholeNumber({ least: 1, default: 5000 }),
    staleIfError: wholeNumber({ default: 3_600_000 }),
  }),
  realm: REALM,
  resourceMetadata: RESOURCE_METADATA,
  publicControllers: classes('HealthController'),
  unguarded: oneOf(['allow', 'warn', 'refuse'], 'warn'),
  userGuards: classes('SessionGuard'),
  publicMetadata: field({
    accepts: (value): value is string | symbol => typeof value === 'symbol' || isText(value),
    example: "'isPublic'",
  }),
  transports: list({
    of: isInboundTransportOption,
    items: 'transports',
    example: 'graphql()',
    mayBeEmpty: true,
    default: Object.freeze([]),
  }),
  warmup: oneOf(['off', 'background', 'required'], 'off'),
} as const;

/** `resourceServer` */
export const RESOURCE_SERVER_FIELDS = {
  ...ISSUER_FIELDS,
  trust: anything<M2MResourceServerOptions['trust']>(),
  ...VERIFICATION_FIELDS,
} as const satisfies FieldsOf<M2MResourceServerOptions>;

/** `resourceServer` without a primary issuer. */
export const TRUST_ALONE_FIELDS = { ...RESOURCE_SERVER_FIELDS, audience: AUDIENCE } as const;

function isAudience(value: unknown): value is string | readonly string[] | null {
  const audiences = [value].flat();
  return value === null || (audiences.length > 0 && audiences.every(isText));
}

/** A list of classes, which may be empty. */
function classes(example: string): Field<readonly Type[]> {
  return list({
    of: (value): value is Type => typeof value === 'function',
    items: 'classes',
    example,
    mayBeEmpty: true,
    default: Object.freeze([]),
  });
}

/** Names of algorithms, `Ed25519` and `EdDSA` with each other: RFC 9864 gave the one the other's place. */
function algorithms(): Field<readonly string[]> {
  const names = texts('RS256');
  return custom<readonly string[]>((problems, path, value) => {
    const written = names.read(problems, path, value) ?? [];
    for (const name of written.filter((each) => !JWS_ALGORITHMS.some((known) => known === each))) {
      problems.add(path, `holds ${name}, which is not an asymmetric signature`, "algorithms: ['RS256']");
    }
    const aliased = written.some(isEd25519);
    return Object.freeze(JWS_ALGORITHMS.filter((name) => written.includes(name) || (aliased && isEd25519(name))));
  }, JWS_ALGORITHMS);
}

function isEd25519(name: string): boolean {
  return name === 'EdDSA' || name === 'Ed25519';
}
