import type { M2MHttpOptions } from '../http/http-options.js';
import { isObject, isText } from '../validation/checks.js';
import type { FieldsOf } from '../validation/fields.js';
import { anything, field } from '../validation/field-types.js';
import { describeValue } from '../validation/problems.js';

/** How servers are reached. Proxies and agents are held by reference. */
export const HTTP_FIELDS = {
  proxy: field({
    accepts: isProxy,
    problem: (value) =>
      isObject(value) ? 'has no host that is a string, or no port that is a number' : describeValue(value),
    example: "{ host: 'proxy.example.com', port: 3128 }, or proxy: false",
  }),
  httpAgent: anything<M2MHttpOptions['httpAgent']>(),
  httpsAgent: anything<M2MHttpOptions['httpsAgent']>(),
} as const satisfies FieldsOf<M2MHttpOptions>;

function isProxy(value: unknown): value is NonNullable<M2MHttpOptions['proxy']> {
  return value === false || (isObject(value) && isText(value['host']) && Number.isSafeInteger(value['port']));
}
