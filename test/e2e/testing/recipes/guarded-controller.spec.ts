import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { asMachine, M2MTestingModule } from '../../../../lib/testing/index.js';
import { ProductsController } from './src/products.controller.js';

let app: INestApplication;
beforeAll(async () => {
  const m2m = M2MTestingModule.forRoot();
  const module = await Test.createTestingModule({ imports: [m2m], controllers: [ProductsController] }).compile();
  app = await module.createNestApplication().init();
});
afterAll(() => app.close());

it('lists products for machines with read:products', async () => {
  const list = (headers: Record<string, string>) => request(app.getHttpServer()).get('/products').set(headers);
  expect(await list(await asMachine(app, { scopes: ['read:products'] }))).toHaveProperty('status', 200);
  expect(await list(await asMachine(app, { scopes: ['write:products'] }))).toHaveProperty('status', 403);
  expect(await list({})).toHaveProperty('status', 401);
});
