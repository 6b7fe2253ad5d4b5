import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { asMachine, M2MTestingModule, TestAuthorizationServer } from '../../../../lib/testing/index.js';
import { AppModule } from './src/app.module.js';

let server: TestAuthorizationServer;
let app: INestApplication;
beforeAll(async () => {
  server = await TestAuthorizationServer.start({ dialect: 'auth0', resources: ['https://shop.example'] });
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await M2MTestingModule.override(builder, server).compile();
  app = await module.createNestApplication().init();
});
afterAll(async () => {
  await app.close();
  await server.stop();
});

it('is not for users', async () => {
  const token = await server.mint({ audience: 'https://shop.example', user: 'alice' });
  const answer = await request(app.getHttpServer()).get('/products').auth(token, { type: 'bearer' });
  expect(answer.status).toBe(403);
});

it('is not for tokens of another API', async () => {
  const headers = await asMachine(app, { audience: 'https://other.example' });
  expect((await request(app.getHttpServer()).get('/products').set(headers)).status).toBe(401);
});
