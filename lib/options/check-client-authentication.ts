import { CLIENT_AUTHENTICATORS } from '../client-authentication/client-authenticators.js';
import { isObject, isText } from '../validation/checks.js';
import { describeValue, type Problems } from '../validation/problems.js';

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
  const all = Object.values(CLIENT_AUTHENTICATORS).map(({ example }) => example);
  if (isMethod(value)) return CLIENT_AUTHENTICATORS[value].example;
  const named = typeof value === 'function' && all.find((example) => example.startsWith(`${value.name}(`));
  return named || all.join(' or ');
}

function isMethod(value: unknown): value is keyof typeof CLIENT_AUTHENTICATORS {
  return typeof value === 'string' && Object.hasOwn(CLIENT_AUTHENTICATORS, value);
}
