import type { Attributes } from '@opentelemetry/api';
import { isM2MError, type M2MErrorCode } from '../errors/m2m.error.js';

/** In place of the clients and issuers that functions find: their number has no bound. */
const DYNAMIC = 'dynamic';

/** What token requests fail with. An error of another copy of this package may have any code. */
const ERROR_TYPES: ReadonlySet<string> = new Set<M2MErrorCode>([
  'ERR_M2M_TOKEN_REQUEST',
  'ERR_M2M_TOKEN_ENDPOINT',
  'ERR_M2M_DISCOVERY',
  'ERR_M2M_BUDGET_EXCEEDED',
  'ERR_M2M_CALLBACK',
  'ERR_M2M_CONFIGURATION',
]);

/** The client of a token. The module's own has no name. @param names those of the options */
export function clientAttributes(client: string | undefined, names: ReadonlySet<string>): Attributes {
  return client === undefined ? {} : { 'm2m.client': names.has(client) ? client : DYNAMIC };
}

/** The issuer of a token. @param issuers those of the options */
export function issuerAttributes(issuer: string, issuers: ReadonlySet<string>): Attributes {
  return { 'm2m.issuer': issuers.has(issuer) ? issuer : DYNAMIC };
}

/** What something failed with. */
export function errorAttributes(error: Error): Attributes {
  return { 'error.type': isM2MError(error) && ERROR_TYPES.has(error.code) ? error.code : '_OTHER' };
}
