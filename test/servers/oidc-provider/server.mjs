import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { Provider } from 'oidc-provider';
import { addTokenExchange } from './token-exchange.mjs';

/** The process of `OidcProviderServer`, which sends it its setup. */
let serve;
process.on('disconnect', () => process.exit());
process.on('message', (setup) => void take(setup));

async function take(setup) {
  const isRunning = serve !== undefined;
  serve = authorizationServer(setup);
  if (!isRunning) await listen(setup);
  process.send('ready');
}

function answer(request, response) {
  return serve(request, response);
}

async function listen({ port, tlsPort, tls }) {
  const secure = { ...tls, requestCert: true, rejectUnauthorized: false };
  const servers = [createServer(answer).listen(port, '127.0.0.1')];
  servers.push(createSecureServer(secure, answer).listen(tlsPort, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
}

function authorizationServer(setup) {
  const { issuer, clients, keys, resources, tlsPort } = setup;
  const infoOf = (indicator) => ({
    scope: 'read:products write:products',
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
    ...resources[indicator],
  });
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    cookies: { keys: ['test'] },
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'tls_client_auth',
    ],
    scopes: ['read:products', 'write:products'],
    extraTokenClaims: (_context, { extra }) => extra,
    discovery: { mtls_endpoint_aliases: { token_endpoint: `https://127.0.0.1:${tlsPort}/token` } },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_context, indicator) => infoOf(indicator),
      },
      mTLS: {
        enabled: true,
        tlsClientAuth: true,
        getCertificate: ({ socket }) => certificateOf(socket)?.toString(),
        certificateAuthorized: ({ socket }) => socket.authorized,
        certificateSubjectMatches: ({ socket }, _property, expected) => certificateOf(socket)?.subject === expected,
      },
    },
  });
  addTokenExchange(provider, setup, infoOf);
  return provider.callback();
}

function certificateOf(socket) {
  const { raw } = socket.getPeerCertificate?.() ?? {};
  return raw && new X509Certificate(raw);
}
