import { type ClientAuthentication, CLIENT_AUTHENTICATORS } from '../client-authentication/client-authenticators.js';
import { isObject, isText } from '../validation/checks.js';
import { custom } from '../validation/fields.js';
import { describeValue } from '../validation/problems.js';

/** How a client authenticates: what one of the factories returns. */
export const CLIENT_AUTHENTICATION = custom<ClientAuthentication | undefined>((problems, path, value) => {
  const method: unknown = isObject(value) ? value['method'] : undefined;
  if (isMethod(method)) return value as ClientAuthentication;
  const problem = isText(method) ? `has the method '${method}', which does not exist` : 'has no method';
  problems.add(path, isObject(value) ? problem : describeValue(value), `clientAuthentication: ${meantBy(value)}`);
  return undefined;
});

/** The factory that was not called, or whose method was written in its place. */
function meantBy(value: unknown): string {
  const all = Object.values(CLIENT_AUTHENTICATORS).map(({ example }) => example);
  if (isMethod(value)) return CLIENT_AUTHENTICATORS[value].example;
  const named = typeof value === 'function' && all.find((example) => example.startsWith(`${value.name}(`));
  return named || all.join(' or ');
}

function isMethod(value: unknown): value is keyof typeof CLIENT_AUTHENTICATORS {
  return typeof value === 'string' && Object.hasOwn(CLIENT_AUTHENTICATORS, value);
}
