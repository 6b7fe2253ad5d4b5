import { addCondition } from '../condition-metadata.js';
import type { AllowedClient } from '../condition.js';

/**
 * Only these clients may call. A plain id is a client of the primary issuer. A method narrows what its class allows.
 *
 * Others are answered with 403, and not told why.
 *
 * @example @AllowClients('billing', { issuer: 'https://partner.example.com', clientId: 'orders' })
 * @throws M2MConfigurationError at start: without clients, with an issuer whose tokens are not accepted, on anything but a route, beside `@Public()`,
 *   without an M2MGuard before it, and where another decorator or an override takes it away
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 */
export function AllowClients(...clients: AllowedClient[]): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'AllowClients', clients: Object.freeze(clients) });
}
