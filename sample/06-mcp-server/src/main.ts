import { NestFactory } from '@nestjs/core';
import { TestAuthorizationServer } from 'nestjs-m2m/testing';
import { AppModule } from './app.module.js';

const port = Number(process.env.PORT ?? 3006);
const resource = `http://127.0.0.1:${port}/mcp`;

// In place of a real authorization server, such as those of docs/authorization-servers.md.
const authorizationServer = await TestAuthorizationServer.start({
  port: Number(process.env.AUTHORIZATION_SERVER_PORT ?? 4006),
  resources: { [resource]: ['read:products', 'write:products'] },
  clients: {
    'shop-agent': { secret: 'shop-agent-secret' },
    'price-agent': { secret: 'price-agent-secret', scopes: ['read:products'] },
  },
});

const app = await NestFactory.create(AppModule.trusting(authorizationServer.issuer, resource));
await app.listen(port, '127.0.0.1');

async function stop(): Promise<void> {
  await app.close();
  await authorizationServer.stop();
}
process.once('SIGINT', () => void stop()).once('SIGTERM', () => void stop());
