import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { AuthorizationServer } from '../../lib/authorization-servers/authorization-server.js';
import { oidc } from '../../lib/authorization-servers/oidc.js';
import { systemClock, type Clock } from '../../lib/time/clock.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import { clientTokenManager } from './client-token-manager.js';
import { json, TestHttpServer, type SeenRequest } from './http-server.js';

type Answer = (request: SeenRequest, response: ServerResponse) => unknown;

export const SECRET = 's3cr3t-of-orders';

/** The body of a successful token response. */
export const tokenResponse = (value: string) => ({ access_token: value, token_type: 'Bearer', expires_in: 60 });

/** A real HTTP server that answers token requests as each test tells it; by default with token-1, token-2, ... */
export class ScriptedTokenEndpoint {
  answer: Answer = () => undefined;
  /** Requests since the test began. */
  count = 0;
  #server: TestHttpServer | undefined;

  /** Starts and stops with the tests of the file. */
  constructor() {
    beforeAll(async () => {
      this.#server = await TestHttpServer.start((request, response) => {
        this.count += 1;
        return this.answer(request, response);
      });
    });
    beforeEach(() => {
      this.count = 0;
      this.answer = (_request, response) => json(response, 200, tokenResponse(`token-${this.count}`));
    });
    afterAll(() => this.#server?.stop());
  }

  get url(): string {
    return this.#started.url;
  }

  get authorizationServer(): AuthorizationServer {
    return { ...oidc({ issuer: 'https://id.example.com' }), tokenEndpoint: `${this.url}/token` };
  }

  /** The last request but so many. */
  request(before = 0): SeenRequest {
    const request = this.#started.requests.at(-1 - before);
    if (!request) throw new Error('no request came');
    return request;
  }

  /** A token manager that asks here, once. */
  manager(options: Partial<M2MNamedClientOptions> = {}, clock: Clock = systemClock) {
    const { authorizationServer } = this;
    const once = { attempts: 1 };
    return clientTokenManager({ authorizationServer, clientSecret: SECRET, retry: once, ...options }, clock);
  }

  get #started(): TestHttpServer {
    if (!this.#server) throw new Error('the tests have not begun');
    return this.#server;
  }
}

/** What a promise is rejected with. */
export async function failureOf<E extends Error>(promise: Promise<unknown>): Promise<E> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  return error as E;
}
