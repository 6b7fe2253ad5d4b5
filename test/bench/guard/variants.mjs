// The same route, guarded in every way that is compared. Each starts a server on a free port and returns it.
import 'reflect-metadata';
import fastifyJwt from '@fastify/jwt';
import {
  Controller,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  Module,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import { fastify } from 'fastify';
import jwksRsa from 'jwks-rsa';
import { ExtractJwt, Strategy } from 'passport-jwt';

const { M2MGuard, M2MModule, RequireScopes } = await import(process.env.NESTJS_M2M ?? '../../../dist/index.js');

const SCOPE = 'read:products';

/** A controller with one route, and decorators on that route. */
function controller(...decorators) {
  class ProductsController {
    list() {
      return { products: ['apple', 'pear'] };
    }
  }
  const { prototype } = ProductsController;
  for (const decorate of [Get(), ...decorators]) {
    decorate(prototype, 'list', Object.getOwnPropertyDescriptor(prototype, 'list'));
  }
  Controller('products')(ProductsController);
  return ProductsController;
}

function module(metadata) {
  class AppModule {}
  Module(metadata)(AppModule);
  return AppModule;
}

function open() {
  return module({ controllers: [controller()] });
}

function m2m({ issuer, jwksUri, introspectionEndpoint, audience }, { client, introspection } = {}) {
  const authorizationServer = { name: 'bench', issuer, jwksUri, introspectionEndpoint };
  return module({
    imports: [M2MModule.forRoot({ authorizationServer, resourceServer: { audience, introspection }, client })],
    controllers: [controller(UseGuards(M2MGuard), RequireScopes(SCOPE))],
  });
}

/** With a target that gets the token of the caller, or one in exchange for it: each request keeps a context for that. */
function delegating(token) {
  return (context) => {
    const targets = { shop: { url: 'http://127.0.0.1:1', audience: context.audience, token } };
    return m2m(context, { client: { clientId: 'orders', clientSecret: 'secret', targets } });
  };
}

/** Each token is introspected once, and then remembered for longer than a measurement takes. */
function introspecting(context) {
  const introspection = { clientId: 'products', clientSecret: 'secret', when: 'always', ttl: 3_600_000 };
  return m2m(context, { introspection });
}

/** What most applications have: the recipe of Nest's documentation, jwks-rsa's, and a guard for the scopes. */
function usual({ issuer, jwksUri, audience }) {
  class JwtStrategy extends PassportStrategy(Strategy) {
    constructor() {
      super({
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri, cache: true, rateLimit: true }),
        issuer,
        audience,
        algorithms: ['RS256'],
      });
    }

    validate(claims) {
      return claims;
    }
  }
  Injectable()(JwtStrategy);

  class ScopesGuard {
    constructor(reflector) {
      this.reflector = reflector;
    }

    canActivate(context) {
      const needed = this.reflector.getAllAndOverride('scopes', [context.getHandler(), context.getClass()]);
      const held = context.switchToHttp().getRequest().user.scope.split(' ');
      if (!needed.every((scope) => held.includes(scope))) throw new ForbiddenException();
      return true;
    }
  }
  Injectable()(ScopesGuard);
  Inject(Reflector)(ScopesGuard, undefined, 0);

  return module({
    providers: [JwtStrategy],
    controllers: [controller(UseGuards(AuthGuard('jwt'), ScopesGuard), SetMetadata('scopes', [SCOPE]))],
  });
}

function auth0Middleware({ issuer, jwksUri, audience }) {
  const AppModule = open();
  AppModule.prototype.configure = (consumer) => {
    consumer
      .apply(auth({ issuer, jwksUri, audience, tokenSigningAlg: 'RS256' }), requiredScopes(SCOPE))
      .forRoutes('products');
  };
  return AppModule;
}

async function nest(AppModule, adapter) {
  const application = await NestFactory.create(AppModule, adapter, { logger: false });
  await application.listen(0, '127.0.0.1');
  return application.getHttpServer();
}

const express = (make) => (context) => nest(make(context), new ExpressAdapter());
const onFastify = (make) => (context) => nest(make(context), new FastifyAdapter());

function bareFastify(prepare) {
  return async (context) => {
    const server = fastify();
    await prepare(server, context);
    await server.listen({ port: 0, host: '127.0.0.1' });
    return server.server;
  };
}

async function verifyWithScope(request) {
  await request.jwtVerify();
  if (!request.user.scope.split(' ').includes(SCOPE)) throw new Error('insufficient scope');
}

const answer = () => ({ products: ['apple', 'pear'] });

export const variants = {
  'express: no guard': express(open),
  'express: M2MGuard': express(m2m),
  'express: M2MGuard, introspected tokens': express(introspecting),
  "express: M2MGuard beside token: 'relay'": express(delegating('relay')),
  "express: M2MGuard beside token: 'exchange'": express(delegating('exchange')),
  'express: passport-jwt, jwks-rsa, scopes guard': express(usual),
  'express: express-oauth2-jwt-bearer': express(auth0Middleware),
  'fastify: no guard': onFastify(open),
  'fastify: M2MGuard': onFastify(m2m),
  'fastify: M2MGuard, introspected tokens': onFastify(introspecting),
  "fastify: M2MGuard beside token: 'relay'": onFastify(delegating('relay')),
  "fastify: M2MGuard beside token: 'exchange'": onFastify(delegating('exchange')),
  'fastify: passport-jwt, jwks-rsa, scopes guard': onFastify(usual),
  'bare fastify: no guard': bareFastify((server) => server.get('/products', answer)),
  'bare fastify: @fastify/jwt with its cache': bareFastify(async (server, { issuer, audience, publicKey }) => {
    await server.register(fastifyJwt, {
      secret: { public: publicKey },
      verify: { algorithms: ['RS256'], allowedIss: issuer, allowedAud: audience, cache: true },
    });
    server.get('/products', { onRequest: verifyWithScope }, answer);
  }),
};
