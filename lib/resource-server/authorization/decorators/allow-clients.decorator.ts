import { addCondition } from '../condition-metadata.js';
import type { AllowedClient } from '../condition.js';
import { checkClients } from './check-arguments.js';

/**
 * Only these clients may call. A plain id is a client of the primary issuer. A method narrows what its class allows.
 *
 * Other clients get a 403 without the reason.
 *
 * The start of the application stops with an M2MConfigurationError if it stands on anything but a route, beside
 * `@Public()`, without an M2MGuard before it, if another decorator or an override takes it away, or if it names an issuer
 * whose tokens are not accepted.
 *
 * @example @AllowClients('billing', { issuer: 'https://partner.example.com', clientId: 'orders' })
 * @throws M2MConfigurationError without clients, and for an argument that is not one client
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function AllowClients<const C extends readonly AllowedClient[]>(
  ...clients: C extends readonly [] ? [never] : C
): ClassDecorator & MethodDecorator {
  return addCondition(Object.freeze({ decorator: 'AllowClients', clients: checkClients(clients) }));
}
