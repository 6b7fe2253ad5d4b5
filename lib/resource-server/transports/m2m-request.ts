import type { M2MCaller } from '../../caller/m2m-caller.js';
import type { M2MHttpRequest } from './bearer-credentials.js';

/** A request as the guard reads it, and what it leaves there. */
export interface M2MRequest extends M2MHttpRequest {
  /** Who is calling; `undefined` where `M2MGuard.or` let a user in. */
  m2m?: M2MCaller | undefined;
  /** The same, unless something else has set it. */
  user?: unknown;
}
