import type { CallerKind } from '../authorization-servers/authorization-server.js';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { VerifiedCaller } from '../caller/verified-caller.js';
import { checkOptions } from './options/check-arguments.js';

/** The fields of a caller. A field that is left out has a value without meaning. */
export interface TestCallerOptions {
  /** The client that its token was issued to. @default 'test-client' */
  clientId?: string | undefined;
  /** The `issuer` of its authorization server. @default 'https://issuer.example.test' */
  issuer?: string | undefined;
  /** The scopes of its token. @default none */
  scopes?: readonly string[] | undefined;
  /** The audiences of its token. @default none */
  audience?: readonly string[] | undefined;
  /** The organization that its token is for. @default none */
  organization?: string | undefined;
  /** The tenant whose issuer it is. @default none */
  tenant?: string | undefined;
  /** Whether it is a machine or acts for a user. @default 'machine' */
  kind?: CallerKind | undefined;
  /** Milliseconds since the epoch. @default in an hour */
  expiresAt?: number | undefined;
  /** Every claim of its token. @default none */
  claims?: Readonly<Record<string, unknown>> | undefined;
}

export const TEST_ISSUER = 'https://issuer.example.test';

const known = [
  'clientId',
  'issuer',
  'scopes',
  'audience',
  'organization',
  'tenant',
  'kind',
  'expiresAt',
  'claims',
] as const satisfies (keyof TestCallerOptions)[];

/**
 * A caller as the guard hands it to a handler, without any token: for unit tests that call the handler themselves.
 *
 * @throws M2MConfigurationError for names that are no options
 */
export function testCaller(options: TestCallerOptions = {}): M2MCaller {
  checkOptions('testCaller', options, known);
  const { clientId = 'test-client', issuer = TEST_ISSUER, organization, tenant, kind = 'machine' } = options;
  const { scopes = [], audience = [], claims = {}, expiresAt = Date.now() + 3_600_000 } = options;
  const payload = Buffer.from(JSON.stringify(claims)).toString('latin1');
  const caller = { clientId, scopes: frozen(scopes), audience: frozen(audience), organization, kind };
  const subject = typeof claims['sub'] === 'string' ? claims['sub'] : undefined;
  return new VerifiedCaller(issuer, caller, subject, expiresAt, payload, caller.audience, tenant);
}

const frozen = (values: readonly string[]): readonly string[] => Object.freeze([...values]);
