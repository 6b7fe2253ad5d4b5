import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { oauthProvider, oauthProviderOpenIdConfigMetadata } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { getAuthTables } from 'better-auth/db';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';

/** The process of `BetterAuthServer`, which sends it its setup. */
let serve;
process.on('disconnect', () => process.exit());
process.on('message', (setup) => void take(setup));

async function take(setup) {
  const isRunning = serve !== undefined;
  serve = await authorizationServer(setup);
  if (!isRunning) await once(createServer(answer).listen(setup.port, '127.0.0.1'), 'listening');
  process.send('ready');
}

function answer(request, response) {
  return serve(request, response);
}

async function authorizationServer({ port, resources, clients, keys, tokensPerMinute }) {
  const options = {
    baseURL: `http://127.0.0.1:${port}`,
    secret: 'a-secret-of-the-test-that-is-long-enough',
    telemetry: { enabled: false },
    // As it is in production.
    rateLimit: { enabled: true },
    plugins: [
      jwt({ disableSettingJwtHeader: true, jwks: { disablePrivateKeyEncryption: true } }),
      oauthProvider({
        loginPage: '/login',
        consentPage: '/consent',
        scopes: ['openid', 'read:products', 'write:products', 'short-lived'],
        scopeExpirations: { 'short-lived': '60s' },
        resources,
        enforcePerClientResources: false,
        ...(tokensPerMinute !== undefined && { rateLimit: { token: { window: 60, max: tokensPerMinute } } }),
      }),
    ],
  };
  const tables = Object.fromEntries(Object.keys(getAuthTables(options)).map((name) => [name, []]));
  const auth = betterAuth({ ...options, database: memoryAdapter(tables) });
  const { adapter } = await auth.$context;
  for (const client of clients) await adapter.create({ model: 'oauthClient', data: clientRow(client) });
  for (const key of keys) await adapter.create({ model: 'jwks', data: keyRow(key), forceAllowId: true });

  const metadata = oauthProviderOpenIdConfigMetadata(auth);
  return toNodeHandler((request) =>
    request.url.endsWith('/.well-known/openid-configuration') ? metadata(request) : auth.handler(request),
  );
}

function clientRow({ clientId, method, secret, jwks, scopes }) {
  return {
    clientId,
    tokenEndpointAuthMethod: method,
    clientSecret: secret && createHash('sha256').update(secret).digest('base64url'),
    jwks: jwks && JSON.stringify(jwks),
    clientCredentialsScopes: scopes,
    grantTypes: ['client_credentials'],
    redirectUris: [],
  };
}

function keyRow({ privateJwk, publicJwk, createdAt, expiresAt }) {
  return {
    id: privateJwk.kid,
    alg: 'EdDSA',
    crv: 'Ed25519',
    privateKey: JSON.stringify(privateJwk),
    publicKey: JSON.stringify(publicJwk),
    createdAt: new Date(createdAt),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
  };
}
