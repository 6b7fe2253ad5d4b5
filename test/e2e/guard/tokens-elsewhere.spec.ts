import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, UseGuards, type Type } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import { RequireScopes } from '../../../lib/resource-server/guard/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/guard/m2m.guard.js';
import { startGuardedApp, platforms, type GuardedApp } from '../../support/guarded-app.js';
import { TestIssuer, testAudience } from '../../support/issuer.js';

@Controller()
class ProductsController {
  @UseGuards(M2MGuard.or('user-anywhere'))
  @RequireScopes('admin')
  @Get('products')
  list(): string {
    return 'in';
  }
}

interface Carrier {
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
}

/** Reads the token of a user where a cookie, a header of its own or the query has it, as lax as they come. */
function userStrategy(key: string): Type {
  @Injectable()
  class UserStrategy extends PassportStrategy(Strategy, 'user-anywhere') {
    constructor() {
      super({
        jwtFromRequest: ({ headers, url }: Carrier): string | null => {
          const text = `${headers['cookie']} ${headers['x-session']} ${url}`.replaceAll('%2E', '.');
          return /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(text)?.[0] ?? null;
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

const encoded = (token: string): string => token.replaceAll('.', '%2E');

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

  const places: [place: string, request: (token: string) => [path: string, headers: Record<string, string>]][] = [
    ['a cookie', (token) => ['', { cookie: `session=${token}` }]],
    ['one of several cookies', (token) => ['', { cookie: `a.b=c.d.e; my.session="${token}"; z=1` }]],
    ['an encoded cookie', (token) => ['', { cookie: `z=%zz; session=${encoded(token)}` }]],
    ['a signed cookie', (token) => ['', { cookie: `session=s%3A${token}.c2lnbmF0dXJl` }]],
    ['a header of its own', (token) => ['', { 'x-session': token }]],
    ['a list in a header', (token) => ['', { 'x-session': `a,${token}` }]],
    ['a parameter of the query', (token) => [`?page=1&session=${token}&z=1`, {}]],
    ['an encoded parameter', (token) => [`?session=${encoded(token)}`, {}]],
  ];

  it.each(places)('is held to the conditions of the route where a machine brings it in %s', async (_place, request) => {
    const come = async (token: string): Promise<number> => {
      const [query, headers] = request(token);
      return (await fetch(`${guarded.url}/products${query}`, { headers })).status;
    };
    const user = { sub: 'alice', client_id: 'spa' };
    expect({ machine: await come(await issuer.mint()), user: await come(await issuer.mint(user)) }).toEqual({
      machine: 401,
      user: 200,
    });
  });
});
