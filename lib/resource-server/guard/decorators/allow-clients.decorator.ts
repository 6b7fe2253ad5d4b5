import { addCondition } from '../condition-metadata.js';
import type { AllowedClient } from '../condition.js';

/**
 * Only these clients may call. A plain id is a client of the primary issuer. A method narrows what its class allows.
 *
 * @example @AllowClients('billing', { issuer: 'https://partner.example.com', clientId: 'orders' })
 */
export function AllowClients(...clients: AllowedClient[]): ClassDecorator & MethodDecorator {
  return addCondition({ decorator: 'AllowClients', clients: Object.freeze(clients) });
}
