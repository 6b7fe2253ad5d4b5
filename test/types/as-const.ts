// Configurations and requests that are `as const`, and events handed back as requests.
import { HttpService } from '@nestjs/axios';
import {
  M2MModule,
  oidc,
  type M2MClientEvent,
  type M2MClientOptions,
  type M2MClientService,
  type CertificateMissingEvent,
  type CredentialChangedEvent,
  type CredentialFailedEvent,
  type M2MModuleOptions,
  type RejectedWhenFailedEvent,
  type RejectionsIgnoredEvent,
  type ScopeRefusedEvent,
  type RequestedToken,
  type ScopeMissingEvent,
  type TokenEvent,
  type TokenIssuedEvent,
  type TokenRejectedEvent,
  type TokenRenewalFailedEvent,
  type TokenRenewedEvent,
  type TokenRequestFailedEvent,
  type TokenServedDuringOutageEvent,
  type TokenStoreFailedEvent,
} from 'nestjs-m2m';

const SHOP = {
  url: 'https://shop.example.com',
  scope: ['read:products', 'write:products'],
  resource: ['https://shop.example.com'],
  parameters: { tenant: 7 },
} as const;

const CLIENT = {
  clientId: 'orders',
  clientSecret: 'secret',
  scope: ['read:products'],
  targets: { shop: SHOP },
  clients: { billing: { clientId: 'billing', clientSecret: 'secret', resource: ['https://bills.example.com'] } },
} as const satisfies M2MClientOptions;

const OPTIONS = {
  authorizationServer: oidc({ issuer: 'https://id.example.com' }),
  client: CLIENT,
} as const satisfies M2MModuleOptions;

export const modules = [
  M2MModule.forRoot(OPTIONS),
  M2MModule.forRootAsync({ useFactory: () => OPTIONS }),
  M2MModule.forFeature(Object.keys(CLIENT.targets)),
];

export async function requests(client: M2MClientService, http: HttpService): Promise<void> {
  const request = { target: 'shop', scope: ['read:products'] } as const;
  await client.getToken(request);
  await client.getAccessToken({ resource: SHOP.resource });
  await client.invalidate(request);
  await client.fetch('/products', {}, request);
  http.get('/products', { m2m: { scope: SHOP.scope, resource: SHOP.resource } });
  client.http.get('/products', { m2m: { scope: SHOP.scope } });
  const { scope } = await client.getAccessToken();
  await client.getToken({ scope });
}

export async function again(client: M2MClientService, event: M2MClientEvent): Promise<void> {
  if (event.type === 'store-failed' || event.type === 'credential-failed') return;
  if (event.type === 'credential-changed') return;
  const about: TokenEvent = event;
  await client.getToken(event.requested);
  await client.invalidate(about.requested);
  // @ts-expect-error what was requested cannot be changed
  event.requested.scope.push('admin');
}

/** Every event by its name. */
export type Named = {
  [Type in M2MClientEvent['type']]: Extract<M2MClientEvent, { type: Type }>;
};
export const named = (events: {
  issued: TokenIssuedEvent;
  renewed: TokenRenewedEvent;
  'request-failed': TokenRequestFailedEvent;
  'renewal-failed': TokenRenewalFailedEvent;
  'served-during-outage': TokenServedDuringOutageEvent;
  rejected: TokenRejectedEvent;
  'rejections-ignored': RejectionsIgnoredEvent;
  'certificate-missing': CertificateMissingEvent;
  'scope-refused': ScopeRefusedEvent;
  'rejected-when-failed': RejectedWhenFailedEvent;
  'scope-missing': ScopeMissingEvent;
  'store-failed': TokenStoreFailedEvent;
  'credential-failed': CredentialFailedEvent;
  'credential-changed': CredentialChangedEvent;
}): Named => events;

export const requested: RequestedToken = { scope: ['read:products'], resource: [] };
