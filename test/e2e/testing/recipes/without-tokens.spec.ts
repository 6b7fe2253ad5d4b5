import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { M2MGuard } from '../../../../lib/index.js';
import { M2MTestGuard, testCaller } from '../../../../lib/testing/index.js';
import { ProductsController } from './src/products.controller.js';

const guard = new M2MTestGuard({ clientId: 'orders', scopes: ['read:products'] });
let app: INestApplication;
beforeAll(async () => {
  const builder = Test.createTestingModule({ controllers: [ProductsController] });
  const module = await builder.overrideGuard(M2MGuard).useValue(guard).compile();
  app = await module.createNestApplication().init();
});
afterAll(() => app.close());

const list = async (): Promise<number> => (await request(app.getHttpServer()).get('/products')).status;

it('answers 403 to a machine without the scope', async () => {
  expect(await list()).toBe(200);
  guard.callAs({ scopes: [] });
  expect(await list()).toBe(403);
});

it('lists products for any caller', () => {
  const caller = testCaller({ clientId: 'billing' });
  expect(new ProductsController().list(caller)).toEqual([{ name: 'Tea', listedFor: 'billing' }]);
});
