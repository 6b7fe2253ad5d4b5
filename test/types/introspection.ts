// What `introspection` takes, of the resource server and of a trusted issuer.
import { M2MModule, none, type M2MIntrospectionOptions, type M2MModuleOptions } from 'nestjs-m2m';

const introspection: M2MIntrospectionOptions = { clientId: 'products-api', clientSecret: async () => 'secret' };
const authorizationServer = { name: 'test', issuer: 'https://id.test' };

export const options: M2MModuleOptions = {
  authorizationServer,
  resourceServer: {
    audience: 'https://api.test',
    introspection: { ...introspection, when: 'always', ttl: 60_000, negativeTtl: 0, timeout: 5000, concurrency: 16 },
    trust: [
      {
        authorizationServer: { name: 'other', issuer: 'https://other.test' },
        audience: 'https://api.test',
        scopes: [],
        introspection: { clientId: 'products-api', clientAuthentication: none(), tokenPrefix: 'ory_at_' },
      },
    ],
  },
};

export const mistyped = M2MModule.forRoot({
  authorizationServer,
  resourceServer: {
    audience: 'https://api.test',
    // @ts-expect-error tokens that are no JWTs, or all
    introspection: { ...introspection, when: 'never' },
  },
});

export const nobody = M2MModule.forRoot({
  authorizationServer,
  resourceServer: {
    audience: 'https://api.test',
    // @ts-expect-error the credentials of the client are not used for it
    introspection: { clientSecret: 'secret' },
  },
});
