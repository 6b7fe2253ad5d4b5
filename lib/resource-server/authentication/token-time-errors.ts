import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { durationText } from '../../time/duration-text.js';

const CLOCKS = 'check the clocks of this host and of the authorization server';

/** @param ago milliseconds since its `exp` */
export function expired(ago: number): InvalidTokenError {
  return new InvalidTokenError('expired', `the token expired ${durationText(ago)} ago; if it is new, ${CLOCKS}`);
}

/** @param early milliseconds until its `nbf` */
export function notYetValid(early: number): InvalidTokenError {
  return new InvalidTokenError('not-yet-valid', `the token is valid only in ${durationText(early)}; ${CLOCKS}`);
}

/** @param early milliseconds until its `iat` */
export function issuedInFuture(early: number): InvalidTokenError {
  return new InvalidTokenError('not-yet-valid', `the token was issued ${durationText(early)} in the future; ${CLOCKS}`);
}

/** @param by milliseconds beyond `maxTokenAge` and `clockTolerance` */
export function tooOld(by: number): InvalidTokenError {
  return new InvalidTokenError('too-old', `the token is ${durationText(by)} older than maxTokenAge allows`);
}
