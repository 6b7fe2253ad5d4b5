import { isObject } from '../validation/checks.js';
import { describeValue, type Problems } from '../validation/problems.js';

const methods = ['get', 'set', 'delete'] as const;

/** Notes a problem where something is given that is no token store: it would only be seen to fail with the first token. */
export function checkTokenStore(problems: Problems, path: string, value: unknown): void {
  if (value === undefined) return;
  const isStore =
    isObject(value) &&
    methods.every((name) => typeof value[name] === 'function') &&
    ['function', 'undefined'].includes(typeof value['acquire']);
  if (isStore) return;
  const seen = isObject(value)
    ? `lacks one of ${methods.join(', ')}, or has an acquire that is no function`
    : describeValue(value);
  problems.add(path, seen, 'tokenStore: redisTokenStore({ client: redis, encryptionKey })');
}
