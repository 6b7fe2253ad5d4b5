import { CallbackError } from '../../../errors/callback.error.js';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import { callBack } from '../../../time/callback.js';
import type { Clock } from '../../../time/clock.js';
import { isObject } from '../../../validation/checks.js';
import { refuseOtherType } from './token-response.js';

const OPTION = 'authorizationServer.readTokenResponse';

/**
 * The members of an answer in the words of RFC 6749: translated by `readTokenResponse`, if the server has one. Its result
 * is read like any answer.
 *
 * @param members of the answer's JSON
 * @param timeout milliseconds that the function may take
 * @throws CallbackError if the function fails, TokenEndpointError for a token that is no Bearer token before it is translated
 */
export async function translatedResponse(
  members: Readonly<Record<string, unknown>>,
  { readTokenResponse }: Pick<ResolvedAuthorizationServer, 'readTokenResponse'>,
  timeout: number,
  clock: Clock,
): Promise<Readonly<Record<string, unknown>>> {
  const isAnswer = !Array.isArray(members) && Object.keys(members).length > 0 && !members['error'];
  if (!readTokenResponse || !isAnswer) return members;
  refuseOtherType(members);
  const returned = await callBack(OPTION, () => readTokenResponse(structuredClone(members)), timeout, clock);
  const read = asJson(returned);
  if (!isObject(read)) throw new CallbackError(OPTION, 'returned something else than an object of JSON');
  // No function can make a bound token a free one.
  return { ...read, ...(members['cnf'] !== undefined && { cnf: members['cnf'] }) };
}

function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}
