import type { Subject } from 'rxjs';
import type { ResolvedAuthorizationServer } from '../../../options/authorization-server-fields.js';
import type { ResolvedIssuer, ResolvedResourceServerOptions } from '../../../options/resolved-options.js';
import type { M2MResourceServerEvent } from '../../events/m2m-resource-server-event.js';
import { KeySet } from './key-set.js';
import { keepingOf, keySourceOf, type KeySourceEnvironment } from './key-source.js';

/** An issuer whose tokens are accepted, with the keys that its own tokens are verified with, and no others. */
export interface AcceptedIssuer {
  readonly options: ResolvedIssuer;
  readonly keys: KeySet;
  /** Whether its tokens are still accepted: one that was found at run time may be withdrawn. */
  isAccepted(): boolean;
}

/** What key sets are made with. */
export interface KeySetEnvironment extends KeySourceEnvironment {
  readonly events: Subject<M2MResourceServerEvent>;
}

/** The key set of an issuer; nothing is fetched yet. */
export function keySetOf(
  server: ResolvedAuthorizationServer,
  options: ResolvedResourceServerOptions['keySet'],
  environment: KeySetEnvironment,
): KeySet {
  const source = keySourceOf(server, environment, options.timeout);
  return new KeySet(server.issuer, source, keepingOf(server, options), environment.clock, environment.events);
}
