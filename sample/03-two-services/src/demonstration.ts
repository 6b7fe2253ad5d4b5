import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAxiosError, type AxiosResponse } from 'axios';
import type { AuthorizationServer } from './authorization-server.js';
import type { OrdersService } from './orders-service.js';

/** Makes calls between the two services, and prints what was measured. Answers whether all of it was as expected. */
export async function demonstrate(
  authorizationServer: AuthorizationServer,
  orders: OrdersService,
  productsUrl: string,
): Promise<boolean> {
  const tokenRequests = () => authorizationServer.tokenRequests;
  const results = [
    await compare('100 calls at once', '100 answered 200, 1 token fetched', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => orders.listProducts()));
      return `${answers.filter(({ status }) => status === 200).length} answered 200, ${tokenRequests()} token fetched`;
    }),
    await compare('another call', '200, no further token', async () => {
      const before = tokenRequests();
      const { status } = await orders.listProducts();
      return `${status}, ${tokenRequests() - before || 'no'} further token`;
    }),
    await compare('a write with read:products only', '403 insufficient_scope, needs write:products', async () => {
      const { status, headers } = await answerOf(orders.addProduct('Coffee', ['read:products']));
      const challenge = String(headers['www-authenticate']);
      return `${status} ${parameter(challenge, 'error')}, needs ${parameter(challenge, 'scope')}`;
    }),
    await compare('the same with write:products', '201, added by orders', async () => {
      const { status, data } = await orders.addProduct('Coffee', ['write:products']);
      return `${status}, added by ${data.addedBy}`;
    }),
    await compare('a call without a token', '401 Bearer realm="products"', async () => {
      const { status, headers } = await fetch(`${productsUrl}/products`);
      return `${status} ${headers.get('www-authenticate')}`;
    }),
    await compare('a call to a foreign host', '200, no token sent', async () => {
      await using host = await ForeignHost.start();
      const { status } = await orders.get(`${host.url}/products`);
      return `${status}, ${host.authorization.map((value) => (value ? 'a' : 'no')).join()} token sent`;
    }),
  ];
  return results.every(Boolean);
}

async function compare(what: string, expected: string, measure: () => Promise<string>): Promise<boolean> {
  const measured = await measure().catch((error: unknown) => String(error));
  const held = measured === expected;
  const line = `${what.padEnd(33)}${measured}`;
  console.log(held ? `  ok      ${line}` : `  FAILED  ${line}\n          expected: ${expected}`);
  return held;
}

/** The answer of a call that is expected to be refused. */
async function answerOf(call: Promise<AxiosResponse>): Promise<AxiosResponse> {
  try {
    return await call;
  } catch (error) {
    if (isAxiosError(error) && error.response) return error.response;
    throw error;
  }
}

function parameter(challenge: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1];
}

/** A server that is no target of the orders service. It remembers the credentials that it was sent. */
class ForeignHost implements AsyncDisposable {
  readonly authorization: (string | undefined)[] = [];

  private readonly server = createServer(({ headers }, response) => {
    this.authorization.push(headers.authorization);
    response.end();
  });

  static async start(): Promise<ForeignHost> {
    const host = new ForeignHost();
    await new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
