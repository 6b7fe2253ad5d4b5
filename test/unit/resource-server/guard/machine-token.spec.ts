import { describe, expect, it } from '@jest/globals';
import type { CallerKind } from '../../../../lib/authorization-servers/authorization-server.js';
import type { ResolvedIssuer } from '../../../../lib/options/resolved-options.js';
import { isMachineToken } from '../../../../lib/resource-server/guard/machine-token.js';
import { base64url } from '../../../support/issuer.js';

const standard = { authorizationServer: { name: 'standard', issuer: 'https://a.test' }, audience: ['api'] };
const two = {
  authorizationServer: {
    name: 'writes two issuers',
    issuer: 'https://b.test',
    acceptedIssuers: ['https://b.test', 'https://old.b.test'],
    readClaims: ({ kind }: { kind?: unknown }) => ({ scopes: [], audience: [], kind: kind as CallerKind }),
  },
  audience: null,
};
const issuers = [standard, two] as unknown as readonly ResolvedIssuer[];

const jwt = (payload: unknown): string => `h.${base64url(JSON.stringify(payload))}.s`;

describe('isMachineToken', () => {
  it.each<[string, string, boolean]>([
    ['a client', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'x' }), true],
    ['a token without sub', jwt({ iss: 'https://a.test' }), true],
    ['a user', jwt({ iss: 'https://a.test', client_id: 'x', sub: 'alice' }), false],
    ['claims that cannot be read', jwt({ iss: 'https://a.test', client_id: 1, sub: 'alice' }), true],
    ['a server that cannot tell', jwt({ iss: 'https://b.test', kind: 'unknown' }), true],
    ['another server says machine', jwt({ iss: 'https://b.test', kind: 'machine' }), true],
    ['another server says user', jwt({ iss: 'https://old.b.test', kind: 'user' }), false],
    ['the second of two issuers', jwt({ iss: 'https://old.b.test', kind: 'machine' }), true],
    ['a strange issuer', jwt({ iss: 'https://c.test' }), false],
    ['no issuer', jwt({}), false],
    ['the encoding of ordinary base64', `h.${btoa('{"iss":"https://a.test","a":"\u00fb\u00ff\u00fe>?"}')}.s`, true],
    ['duplicate members', `h.${base64url('{"iss":"https://c.test","iss":"https://a.test"}')}.s`, true],
    ['null', jwt(null), false],
    ['a text', jwt('https://a.test'), false],
    ['no JSON', `h.${base64url('{')}.s`, false],
    ['no JWT', 'opaque', false],
    ['nothing', '', false],
  ])('%s', (_name, token, isMachine) => {
    expect(isMachineToken(token, issuers)).toBe(isMachine);
  });
});
