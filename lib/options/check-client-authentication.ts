import type { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { isObject, isText } from '../validation/checks.js';
import { describeValue, type Problems } from '../validation/problems.js';

/** Every method, and the factory that makes it. */
const factories = {
  client_secret_basic: 'clientSecretBasic()',
  client_secret_post: 'clientSecretPost()',
  client_secret_jwt: 'clientSecretJwt()',
  private_key_jwt: 'privateKeyJwt({ key })',
  tls_client_auth: 'mutualTls({ cert, key })',
  client_assertion: "clientAssertionFile('/var/run/secrets/token')",
  none: 'none()',
} as const satisfies Record<ClientAuthentication['method'], string>;

/** Whether it is what one of the factories makes; a problem where it is not. */
export function checkClientAuthentication(problems: Problems, path: string, value: unknown): boolean {
  const method: unknown = isObject(value) ? value['method'] : undefined;
  if (isMethod(method)) return true;
  const seen = isText(method) ? `has the method '${method}', which does not exist` : 'has no method';
  problems.add(path, isObject(value) ? seen : describeValue(value), `clientAuthentication: ${meantBy(value)}`);
  return false;
}

/** The factory that was not called, or whose method was written in its place. */
function meantBy(value: unknown): string {
  const all = Object.values(factories);
  if (isMethod(value)) return factories[value];
  const named = typeof value === 'function' && all.find((factory) => factory.startsWith(`${value.name}(`));
  return named || all.join(' or ');
}

function isMethod(value: unknown): value is keyof typeof factories {
  return typeof value === 'string' && Object.hasOwn(factories, value);
}
