import { isText } from '../validation/checks.js';
import { field } from '../validation/field-types.js';
import { describeValue } from '../validation/problems.js';

/** What may stand between the quotation marks of a header. */
const QUOTABLE = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;
/** MCP clients look for this anywhere in a challenge. */
const METADATA_PARAMETER = /resource_metadata\s*=/i;

/** `resourceServer.realm` */
export const REALM = field({
  accepts: (value): value is string => isText(value) && QUOTABLE.test(value) && !METADATA_PARAMETER.test(value),
  problem: (value) =>
    typeof value === 'string' && METADATA_PARAMETER.test(value)
      ? 'holds resource_metadata=, where MCP clients would read the address of metadata'
      : `${describeValue(value)} that does not fit into a header`,
  example: "'products'",
  default: 'api',
});
