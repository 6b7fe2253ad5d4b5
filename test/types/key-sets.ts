// Keys that stand in the options, or that a function returns.
import type { JWK, JSONWebKeySet } from 'jose';
import { oidc, type AuthorizationServer, type JsonWebKeySet } from 'nestjs-m2m';

const server = oidc({ issuer: 'https://id.example.com' });

declare const joseSet: JSONWebKeySet;
declare const joseKey: JWK;

export const servers: readonly AuthorizationServer[] = [
  { ...server, jwks: { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'a', alg: 'RS256', use: 'sig' }] } },
  { ...server, jwks: joseSet },
  { ...server, jwks: { keys: [joseKey] } },
  { ...server, jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AQAB', key_ops: [], x5c: [] }] } as const },
  { ...server, jwks: () => joseSet },
  { ...server, jwks: async () => joseSet },
  { ...server, jwks: async (): Promise<JsonWebKeySet> => JSON.parse('{}') },
  { ...server, jwks: JSON.parse('{}') },
  { ...server, jwks: undefined },
];

// @ts-expect-error a text: parse it
export const text: AuthorizationServer = { ...server, jwks: '{"keys":[]}' };
// @ts-expect-error a promise: pass the function
export const promise: AuthorizationServer = { ...server, jwks: Promise.resolve(joseSet) };
// @ts-expect-error a key, not a set of keys
export const key: AuthorizationServer = { ...server, jwks: joseKey };
// @ts-expect-error a list of keys, not a set
export const list: AuthorizationServer = { ...server, jwks: [joseKey] };
// @ts-expect-error keys are objects
export const texts: AuthorizationServer = { ...server, jwks: { keys: ['a'] } };
// @ts-expect-error nothing is returned
export const nothing: AuthorizationServer = { ...server, jwks: () => undefined };
