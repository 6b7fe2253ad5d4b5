import { isHostPattern } from '../http/host-pattern.js';
import { list } from '../validation/field-types.js';

/** Hosts of servers that a function finds which may have other addresses than public ones. */
export const ALLOWED_HOSTS = list({
  of: isHostPattern,
  items: 'hosts without scheme and port',
  example: "'keycloak.internal'",
  mayBeEmpty: true,
  default: Object.freeze([]),
});
