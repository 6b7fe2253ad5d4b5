import { ServiceAccess } from '../../lib/client/clients/service-access.js';

/** The access of the module's own service, which may use every target. */
export const ALL_TARGETS = new ServiceAccess(undefined, () => undefined);
