import { durationText } from '../../time/duration-text.js';
import { ok, unknown, wrong, type Check } from '../checks/check.js';
import type { RecordedResponse } from './recorded-responses.js';

/** Milliseconds that the clocks may differ: as much as `clockTolerance` by default, and a second because `Date` has no parts of it. */
const TOLERANCE = 6000;

/**
 * The clock of this host, against the `Date` of an answer.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1 RFC 9110, section 6.6.1}
 */
export function checkClock(responses: readonly RecordedResponse[]): Check {
  const skews = responses.map(skewOf).filter((skew) => !Number.isNaN(skew));
  const [first] = skews;
  if (first === undefined) return unknown('clock', 'no response had a valid Date header');
  // The smallest one: an answer may come from a cache that does not say so.
  const skew = skews.reduce((least, each) => (Math.abs(each) < Math.abs(least) ? each : least), first);
  if (Math.abs(skew) <= TOLERANCE) return ok('clock', `within ${durationText(TOLERANCE)} of the server's`);
  const direction = skew > 0 ? 'behind' : 'ahead of';
  const problem = `this host is ${durationText(Math.abs(skew))} ${direction} the authorization server`;
  const remedy = 'timedatectl set-ntp true # on this host, or on that of the server if that one is off';
  return wrong('clock', problem, remedy);
}

/** Milliseconds by which the server is ahead of this host; `NaN` if it did not say. */
function skewOf({ response: { headers }, at }: RecordedResponse): number {
  const age = Number(headers['age'] ?? 0) * 1000;
  return Date.parse(headers['date'] ?? '') + age - at;
}
