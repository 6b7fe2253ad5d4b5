import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { asMachine, M2MTestingModule, TestAuthorizationServer, TestClock } from '../../../../lib/testing/index.js';
import { ProductsController } from './src/products.controller.js';

const MINUTE = 60_000;
let clock: TestClock;
let server: TestAuthorizationServer;
let app: INestApplication;
beforeEach(async () => {
  clock = new TestClock();
  server = await TestAuthorizationServer.start({ clock });
  const m2m = M2MTestingModule.forRoot({ server });
  const module = await Test.createTestingModule({ imports: [m2m], controllers: [ProductsController] }).compile();
  app = await module.createNestApplication({ logger: false }).init();
});
afterEach(async () => {
  await app.close();
  await server.stop();
});

const statusFor = async (headers: { authorization: string }): Promise<number> =>
  (await request(app.getHttpServer()).get('/products').set(headers)).status;

it('refuses a token when it has expired', async () => {
  const machine = await asMachine(app, { expiresIn: 5 * MINUTE });
  expect(await statusFor(machine)).toBe(200);
  await clock.advance(6 * MINUTE);
  expect(await statusFor(machine)).toBe(401);
});

it('follows a rotation of keys at once, and a withdrawn key within ten minutes', async () => {
  const before = await asMachine(app);
  expect(await statusFor(before)).toBe(200);
  await clock.advance(MINUTE);
  await server.dropKey();
  expect(await statusFor(await asMachine(app))).toBe(200);
  await clock.advance(10 * MINUTE);
  expect(await statusFor(before)).toBe(401);
});

it('answers 503 while no keys can be had', async () => {
  await server.goDown();
  expect(await statusFor(await asMachine(app))).toBe(503);
});
