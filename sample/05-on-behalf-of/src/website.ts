import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { TestAuthorizationServer } from 'nestjs-m2m/testing';
import { ORDERS_API } from './authorization-server.js';

/**
 * In the place of a website whose users log in: `GET /token?user=alice` answers the token that the website would have for
 * that user. Nothing like it belongs into a real system.
 */
export async function startWebsite(authorizationServer: TestAuthorizationServer, port: number): Promise<Server> {
  const website = createServer((request, response) => {
    const user = new URL(request.url ?? '/', 'http://website').searchParams.get('user') ?? 'alice';
    const minted = authorizationServer.mint({ clientId: 'web', user, audience: ORDERS_API, scope: ['read:orders'] });
    void minted.then((token) => response.end(token));
  });
  website.listen(port, '127.0.0.1');
  await once(website, 'listening');
  return website;
}
