import { Logger, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthorizationServer, PRODUCTS_API } from './authorization-server.js';
import { demonstrate } from './demonstration.js';
import { OrdersModule, OrdersService } from './orders-service.js';
import { ProductsApi } from './products-api.js';

const port = Number(process.env.PORT ?? 3000);
const authorizationServerPort = Number(process.env.AUTHORIZATION_SERVER_PORT ?? 4000);
const logger: LogLevel[] = ['warn', 'error', 'fatal'];

async function main(once: boolean): Promise<void> {
  const authorizationServer = await AuthorizationServer.start(authorizationServerPort);
  const { issuer } = authorizationServer;

  const productsUrl = `http://127.0.0.1:${port}`;
  const productsApi = await NestFactory.create(ProductsApi.trusting(issuer), { logger });
  const ordersModule = OrdersModule.calling({ issuer, productsUrl });
  const ordersService = await NestFactory.createApplicationContext(ordersModule, { logger });

  // The demonstration prints what the guard refuses.
  Logger.overrideLogger([]);
  await productsApi.listen(port, '127.0.0.1');

  async function stop(): Promise<void> {
    await ordersService.close();
    await productsApi.close();
    await authorizationServer.stop();
  }

  console.log(`
  authorization server   ${issuer}   oidc-provider
  products API           ${productsUrl}   guarded
  orders service         calls the products API
`);
  const held = await demonstrate(authorizationServer, ordersService.get(OrdersService), productsUrl);

  if (once) {
    process.exitCode = held ? 0 : 1;
    return stop();
  }
  // From here on, the log says why a call was refused.
  Logger.overrideLogger(logger);
  console.log(invitation(issuer, productsUrl));
  process.once('SIGINT', () => void stop()).once('SIGTERM', () => void stop());
}

function invitation(issuer: string, productsUrl: string): string {
  return `
  Call the products API yourself:

TOKEN=$(curl -s -u reports:reports-secret -d grant_type=client_credentials -d resource=${PRODUCTS_API} -d scope=read:products ${issuer}/token | node -p 'JSON.parse(fs.readFileSync(0)).access_token')
curl -i ${productsUrl}/products -H "Authorization: Bearer $TOKEN"
curl -i ${productsUrl}/products -H "Authorization: Bearer $TOKEN" -d name=Coffee
curl -i ${productsUrl}/products

  They answer 200, 403 and 401. Ctrl-C ends it.
`;
}

main(process.argv.includes('--once')).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
