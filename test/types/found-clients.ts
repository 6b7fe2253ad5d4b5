// Clients that a function finds.
import { M2MModule, type M2MClientOptions, type M2MClientResolver, type M2MNamedClientOptions } from 'nestjs-m2m';

const own = { clientId: 'orders', clientSecret: 'secret' };
const find = async (name: string): Promise<M2MNamedClientOptions | undefined> =>
  name === 'acme' ? { clientId: name, clientSecret: 'secret' } : undefined;

export const resolver: M2MClientResolver = { resolve: find, allowedHosts: ['*.idp.internal'] as const };
export const options: M2MClientOptions[] = [
  { ...own, clients: find },
  { ...own, clients: (name) => ({ clientId: name, clientSecret: async () => 'secret' }) },
  { ...own, clients: () => undefined },
  { ...own, clients: () => ({ accessTokenProvider: () => ({ accessToken: 'token' }) }) },
  { ...own, clients: resolver },
  // @ts-expect-error: an answer is a client
  { ...own, clients: () => ({ scop: 'read' }) },
  // @ts-expect-error: a list of hosts
  { ...own, clients: { resolve: find, allowedHosts: 'keycloak.internal' } },
];

// @ts-expect-error: the names of clients
M2MModule.forFeature({ clients: find });
