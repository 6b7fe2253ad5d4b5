import { expect, it } from '@jest/globals';
import { CallerNotAllowedError } from '../../../../lib/errors/caller-not-allowed.error.js';
import { InvalidTokenError } from '../../../../lib/errors/invalid-token.error.js';
import type { M2MError } from '../../../../lib/errors/m2m.error.js';
import type { LimitedLog, RepeatableLine } from '../../../../lib/events/limited-log.js';
import { RefusalLog } from '../../../../lib/resource-server/events/refusal-log.js';

const named = { clientId: 'orders', issuer: 'https://id.test' };

function fieldsFor(cause: M2MError): RepeatableLine['fields'][] {
  const lines: RepeatableLine[] = [];
  const log = new RefusalLog({ write: (line: RepeatableLine) => lines.push(line) } as unknown as LimitedLog);
  log.refused('A.b', { level: 'warn', status: 401, cause });
  return lines.map(({ fields }) => fields);
}

it('RefusalLog names the client of a refused caller, and of an invalid token none, whatever it says (claim 2.4)', () => {
  const [client, issuer] = ['orders', 'https://id.test'];
  expect(fieldsFor(new CallerNotAllowedError('no', named))).toMatchObject([{ client, issuer }]);
  const invalid = Object.assign(new InvalidTokenError('claims', 'no'), named);
  expect(fieldsFor(invalid)).toMatchObject([{ client: undefined, issuer: undefined }]);
});
