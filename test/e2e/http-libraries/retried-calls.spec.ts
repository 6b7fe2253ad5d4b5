import type { HttpService } from '@nestjs/axios';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import axios, { type AxiosRequestConfig } from 'axios';
import axiosRetry from 'axios-retry';
import { firstValueFrom } from 'rxjs';
import { M2MClientService, TokenEndpointError } from '../../../lib/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { json, TestHttpServer } from '../../support/http-server.js';
import { ordersApplication } from './orders-application.js';
import { RetriedCallsModule } from './recipes/retried-calls.module.js';

let server: TestAuthorizationServer;
let products: TestHttpServer;
let module: TestingModule;
let calls: HttpService;
/** What is answered next; then 200. */
let answers: [status: number, headers?: Record<string, string>][];

beforeEach(async () => {
  answers = [];
  server = await TestAuthorizationServer.start({ clients: { orders: 's3cret' } });
  products = await TestHttpServer.start((_request, response) => {
    const [status, headers] = answers.shift() ?? [200];
    json(response, status, {}, headers);
  });
  const target = { url: products.url, ...server.tokenRequest() };
  module = await ordersApplication(server, target, [RetriedCallsModule], { retry: { attempts: 2, delay: 1 } });
  calls = module.get(M2MClientService).for('products');
});
afterEach(async () => {
  await module.close();
  await Promise.all([products.stop(), server.stop()]);
});

const tokens = () => products.requests.map(({ headers }) => headers.authorization);
const UNAUTHORIZED = { 'www-authenticate': 'Bearer error="invalid_token"' };

describe('axios-retry', () => {
  it('sends a call of a target again, with its token', async () => {
    answers = [[503], [503]];
    await expect(firstValueFrom(calls.get('/'))).resolves.toMatchObject({ status: 200 });
    const [token] = tokens();
    expect(token).toMatch(/^Bearer ey/);
    expect(tokens()).toEqual([token, token, token]);
    server.expectTokenRequests(1);
  });

  it.each(['before', 'after'])('sends a call of an instance again, added %s attach()', async (order) => {
    const instance = axios.create({ baseURL: products.url });
    if (order === 'before') axiosRetry(instance, { retries: 1 });
    module.get(M2MClientService).attach(instance);
    if (order === 'after') axiosRetry(instance, { retries: 1 });
    answers = [[503]];
    await expect(instance.get('/')).resolves.toMatchObject({ status: 200 });
    expect(tokens()).toEqual([expect.stringMatching(/^Bearer ey/), expect.stringMatching(/^Bearer ey/)]);
  });

  it("shortens the timeout of a request with each attempt, and not the target's", async () => {
    const timeouts: number[] = [];
    const onRetry = (_count: number, _error: unknown, { timeout }: AxiosRequestConfig) =>
      void timeouts.push(Number(timeout));
    answers = [[503], [200], [503]];
    await firstValueFrom(calls.get('/', { timeout: 60_000, 'axios-retry': { onRetry } }));
    await firstValueFrom(calls.get('/', { 'axios-retry': { onRetry } }));
    expect(timeouts).toEqual([expect.any(Number), 0]);
    expect(timeouts[0]).toBeLessThan(60_000);
  });

  it('leaves a rejected token to this package: one replacement, and no retry of the second 401', async () => {
    answers = Array.from({ length: 9 }, () => [401, UNAUTHORIZED]);
    await expect(firstValueFrom(calls.get('/'))).rejects.toMatchObject({ response: { status: 401 } });
    expect(new Set(tokens()).size).toBe(2);
    expect(products.requests).toHaveLength(2);
    server.expectTokenRequests(2);
  });

  it('sends the replacement again if the target then answers 503', async () => {
    answers = [[401, UNAUTHORIZED], [503]];
    await expect(firstValueFrom(calls.get('/'))).resolves.toMatchObject({ status: 200 });
    const [rejected, replacement] = tokens();
    expect(tokens()).toEqual([rejected, replacement, replacement]);
    expect(replacement).not.toBe(rejected);
  });

  it('does not repeat a call that got no token, and does not ask its retryCondition', async () => {
    await server.goDown();
    const asked: unknown[] = [];
    const retryCondition = (error: unknown): boolean => asked.push(error) > 0;
    const call = calls.get('/', { 'axios-retry': { retryCondition } });
    await expect(firstValueFrom(call)).rejects.toThrow(TokenEndpointError);
    expect(asked).toEqual([]);
    expect(products.requests).toEqual([]);
  });
});
