// What M2MModule takes.
import { Module } from '@nestjs/common';
import {
  auth0,
  clientSecretBasic,
  cognito,
  entraId,
  M2MModule,
  m2mConfig,
  oidc,
  optionsFromEnvironment,
  type AuthorizationServer,
  type EntraIdOptions,
  type JwsAlgorithm,
  type M2MModuleOptions,
  type M2MOptionsFactory,
  type TokenStore,
  type TrustedIssuer,
} from 'nestjs-m2m';

class OptionsFactory implements M2MOptionsFactory {
  createM2MOptions(): M2MModuleOptions {
    return { authorizationServer: oidc({ issuer: 'https://id.example.com' }) };
  }
}

class SettingsModule {}

class Settings {
  readonly secret: string = 'secret';
}

const store: TokenStore = {
  get: async (key) => ({ value: key, remaining: 1000 }),
  set: async (_key, _value, _lifetime) => undefined,
  delete: async (_key, _ifValue) => undefined,
};

const SHOPS = ['shop', 'stock'] as const;

const byHand: AuthorizationServer = { name: 'mine', issuer: 'https://id.example.com', openToStrangers: true };
const government: EntraIdOptions = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  authorityHost: 'login.microsoftonline.us',
};
entraId(government);

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: auth0({ domain: 'acme.eu.auth0.com' }),
      client: {
        clientId: 'orders',
        clientSecret: async () => 'secret',
        clientAuthentication: clientSecretBasic({ encoding: 'raw' }),
        tokenStore: store,
        targets: { shop: { url: 'https://shop.example.com', audience: 'https://shop.example.com', scope: ['read'] } },
        clients: { billing: { clientId: 'billing', clientSecret: 'secret' } },
      },
      resourceServer: { audience: null, allowedClients: ['orders'], trust: [] },
    }),
    M2MModule.forRoot({ resourceServer: { authorizationServer: byHand, audience: ['https://a.example.com'] } }),
    M2MModule.forRoot({ authorizationServer: { ...byHand, jwksUri: 'http://127.0.0.1:4710/jwks.json' } }),
    M2MModule.forRootAsync(),
    M2MModule.forRootAsync(m2mConfig.asProvider()),
    M2MModule.forRootAsync({ useClass: OptionsFactory }),
    M2MModule.forRootAsync({ imports: [SettingsModule], useExisting: OptionsFactory }),
    M2MModule.forRootAsync({
      inject: [Settings],
      useFactory: async (settings: Settings) => ({ client: { clientId: 'orders', clientSecret: settings.secret } }),
    }),
    M2MModule.forFeature(['shop']),
    M2MModule.forFeature(SHOPS),
    M2MModule.forFeature({ targets: SHOPS, clients: ['billing'] as const }),
    M2MModule.forFeature(Math.random() < 0.5 ? SHOPS : { clients: ['billing'] }),
  ],
})
export class AppModule {}

// @ts-expect-error options are required; without any, forRootAsync reads the environment
M2MModule.forRoot();
// @ts-expect-error a function returns a token, not a text
M2MModule.forRoot({ client: { accessTokenProvider: () => 'token' } });
// @ts-expect-error an API says its audience, or null
M2MModule.forRoot({ resourceServer: {} });
// @ts-expect-error a target has a URL
M2MModule.forRoot({ client: { clientId: 'orders', targets: { shop: { scope: 'read' } } } });
// @ts-expect-error a misspelt option
M2MModule.forRoot({ ressourceServer: { audience: 'https://a.example.com' } });
// @ts-expect-error names, not one name
M2MModule.forFeature('shop');
// @ts-expect-error clients are named in an object
M2MModule.forFeature(['shop'], ['billing']);
// @ts-expect-error a misspelt list
M2MModule.forFeature({ target: ['shop'] });
// @ts-expect-error an authorization server has an issuer
M2MModule.forRoot({ authorizationServer: { name: 'mine' } });
// @ts-expect-error a pool id
cognito({ region: 'eu-central-1' });
// @ts-expect-error the issuer
oidc({});
// @ts-expect-error a tenant, whatever its cloud
entraId({ authorityHost: 'login.microsoftonline.us' });

// Configurations that cannot be changed.
const algorithms = ['RS256', 'EdDSA', 'Ed25519'] as const satisfies readonly JwsAlgorithm[];
const frozen = {
  authorizationServer: byHand,
  client: {
    clientId: 'orders',
    clientSecret: 'secret',
    scope: ['read:products'],
    resource: ['https://a.example.com'],
    parameters: { tenants: ['a'] },
    targets: { shop: { url: 'https://shop.example.com', scope: ['read'], resource: ['https://shop.example.com'] } },
    clients: { billing: { clientId: 'billing', clientSecret: 'secret', scope: ['bill'] } },
  },
  resourceServer: {
    audience: ['https://a.example.com'],
    allowedClients: ['orders'],
    allowedOrganizations: ['acme'],
    algorithms,
    publicControllers: [Settings],
    trust: [
      { authorizationServer: byHand, audience: null, allowedClients: ['partner'], scopes: ['read'] },
      { authorizationServer: byHand, audience: ['https://a.example.com'], scopes: [] },
    ],
  },
} as const;
M2MModule.forRoot(frozen);

M2MModule.forRoot({ ...optionsFromEnvironment(), http: { proxy: false } });
M2MModule.forRoot(optionsFromEnvironment({ M2M_ISSUER: 'https://id.example.com' }));

M2MModule.forRoot({ resourceServer: { trust: [{ resolve: () => undefined, allowedHosts: ['*.idp.internal'] }] } });
M2MModule.forRoot({
  resourceServer: {
    audience: 'https://a.example.com',
    trust: [
      {
        resolve: (issuer) =>
          Promise.resolve({ authorizationServer: { ...byHand, issuer }, audience: 'a', scopes: [], tenant: 'a' }),
      },
    ],
  },
});
// @ts-expect-error an audience is needed without trust
M2MModule.forRoot({ resourceServer: { callers: 'any' } });
// @ts-expect-error an audience that is not checked needs allowedClients
M2MModule.forRoot({ resourceServer: { audience: null } });
// @ts-expect-error an audience that is not checked needs allowedClients
M2MModule.forRoot({ resourceServer: { audience: null, allowedClients: undefined } });
// @ts-expect-error a trusted issuer whose audience is not checked needs allowedClients
const unchecked: TrustedIssuer = { authorizationServer: byHand, audience: null, scopes: [] };
M2MModule.forRoot({ resourceServer: { audience: 'https://a.example.com', trust: [unchecked] } });
// @ts-expect-error a symmetric algorithm
M2MModule.forRoot({ resourceServer: { audience: 'https://a.example.com', algorithms: ['HS256'] } });
