import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, HttpCode, Injectable, UseGuards, type Type } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { startGuardedApp, platforms, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

@Controller()
class ProductsController {
  @UseGuards(M2MGuard.or('user-anywhere'))
  @RequireScopes('admin')
  @HttpCode(200)
  @All('products')
  list(): string {
    return 'in';
  }
}

interface Carrier {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly body?: unknown;
}

/** Reads the token of a user wherever one is, as lax as they come. */
function userStrategy(key: string): Type {
  @Injectable()
  class UserStrategy extends PassportStrategy(Strategy, 'user-anywhere') {
    constructor() {
      super({
        jwtFromRequest: ({ headers, url, body }: Carrier): string | null => {
          const [, encoded = ''] = headers['authorization']?.split(' ') ?? [];
          const decoded = [encoded, headers['x-encoded'] ?? ''].map((each) => Buffer.from(each, 'base64').toString());
          const text = JSON.stringify([headers, url, body, ...decoded]);
          return /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.exec(text.replaceAll(/%(?:25)*2E/g, '.'))?.[0] ?? null;
        },
        secretOrKey: key,
      });
    }

    validate({ sub }: { sub: string }): object {
      return { name: sub };
    }
  }
  return UserStrategy;
}

interface Carried {
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const encoded = (token: string): string => token.replaceAll('.', '%2E');
const twice = (token: string): string => encoded(token).replaceAll('%', '%25');
const json = (value: unknown): Carried => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
const basic = (text: string): Carried => ({ headers: { authorization: `Basic ${btoa(text)}` } });
/** With characters in between that decoders skip. */
const sloppy = (text: string): string => btoa(text).replaceAll(/.{15}/g, '$&!');

describe.each(platforms)('a token that M2MGuard.or meets outside of Authorization on %s', (platform) => {
  let issuer: TestIssuer;
  let guarded: GuardedApp;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const { privateKey } = await issuer.key();
    const key = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string;
    guarded = await startGuardedApp({
      platform,
      options: { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } },
      controllers: [ProductsController],
      providers: [userStrategy(key)],
    });
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await issuer.stop();
  });

  const places: [place: string, request: (token: string) => Carried][] = [
    ['a cookie', (token) => ({ headers: { cookie: `session=${token}` } })],
    ['one of several cookies', (token) => ({ headers: { cookie: `a.b=c.d.e; my.session="${token}"; z=1` } })],
    ['an encoded cookie', (token) => ({ headers: { cookie: `z=%zz; session=${encoded(token)}` } })],
    ['a signed cookie', (token) => ({ headers: { cookie: `session=s%3A${token}.c2lnbmF0dXJl` } })],
    ['a header of its own', (token) => ({ headers: { 'x-session': token } })],
    ['a header in base64', (token) => ({ headers: { 'x-encoded': btoa(JSON.stringify({ token })) } })],
    ['a list in a header', (token) => ({ headers: { 'x-session': `a,${token}` } })],
    ['a word with dots', (token) => ({ headers: { 'x-session': `v1.${token}` } })],
    ['a list of words with dots', (token) => ({ headers: { 'x-session': `a.b|${token}|c` } })],
    ['a parameter of the query', (token) => ({ query: `?page=1&session=${token}&z=1` })],
    ['an encoded parameter', (token) => ({ query: `?session=${encoded(token)}` })],
    ['a parameter that is encoded twice', (token) => ({ query: `?session=${twice(token)}` })],
  ];

  it.each(places)(
    'is held to the conditions of the route where a machine brings it in %s (claim 4.2)',
    async (_place, request) => {
      const come = async (token: string): Promise<number> => {
        const { query = '', headers = {} } = request(token);
        return (await fetch(`${guarded.url}/products${query}`, { headers })).status;
      };
      const user = { sub: 'alice', client_id: 'spa', sid: 's' };
      expect({ machine: await come(await issuer.mint()), user: await come(await issuer.mint(user)) }).toEqual({
        machine: 401,
        user: 200,
      });
    },
  );

  const credentials: [way: string, request: (token: string) => Carried][] = [
    ['the password of Basic credentials', (token) => basic(`x:${token}`)],
    ['the user name of Basic credentials', (token) => basic(`${token}:`)],
    [
      'Basic credentials with characters that are not of base64',
      (token) => ({ headers: { authorization: `Basic ${sloppy(`x:${token}`)}` } }),
    ],
    ['the scheme DPoP', (token) => ({ headers: { authorization: `DPoP ${token}` } })],
    ['the scheme Token', (token) => ({ headers: { authorization: `Token token="${token}"` } })],
  ];

  it.each(credentials)("follows the rules of machines in %s, a user's too (claim 4.2)", async (_way, request) => {
    const come = async (token: string): Promise<number> =>
      (await fetch(`${guarded.url}/products`, { headers: request(token).headers ?? {} })).status;
    const user = { sub: 'alice', client_id: 'spa', sid: 's' };
    expect([await come(await issuer.mint()), await come(await issuer.mint(user))]).toEqual([401, 401]);
  });

  it('is left to the strategy for users in a body', async () => {
    const { headers = {}, body = '' } = json({ jwt: await issuer.mint() });
    const answer = await fetch(`${guarded.url}/products`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
  });

  it("is held to them beside a user's token too", async () => {
    const [machine, user] = await Promise.all([
      issuer.mint(),
      issuer.mint({ sub: 'alice', client_id: 'spa', sid: 's' }),
    ]);
    const answer = await fetch(`${guarded.url}/products`, {
      headers: { authorization: `Bearer ${user}`, cookie: `session=${machine}` },
    });
    expect(answer.status).toBe(403);
  });
});
