import { NestFactory } from '@nestjs/core';
import { startAuthorizationServer } from './authorization-server.js';
import { OrdersApi } from './orders-api.js';
import { ProductsApi } from './products-api.js';
import { startWebsite } from './website.js';

const {
  PORT = '3005',
  PRODUCTS_PORT = '3015',
  WEBSITE_PORT = '3025',
  AUTHORIZATION_SERVER_PORT = '4005',
} = process.env;

const authorizationServer = await startAuthorizationServer(Number(AUTHORIZATION_SERVER_PORT));
const { issuer } = authorizationServer;
const website = await startWebsite(authorizationServer, Number(WEBSITE_PORT));
const productsApi = await NestFactory.create(ProductsApi.trusting(issuer), { logger: ['warn', 'error'] });
await productsApi.listen(PRODUCTS_PORT, '127.0.0.1');
const productsUrl = `http://127.0.0.1:${PRODUCTS_PORT}`;
const ordersApi = await NestFactory.create(OrdersApi.calling({ issuer, productsUrl }), { logger: ['warn', 'error'] });
await ordersApi.listen(PORT, '127.0.0.1');
console.log(
  `orders API at http://127.0.0.1:${PORT}, products API at ${productsUrl}, tokens of users from http://127.0.0.1:${WEBSITE_PORT}`,
);

async function stop(): Promise<void> {
  await ordersApi.close();
  await productsApi.close();
  website.close();
  await authorizationServer.stop();
}
process.once('SIGINT', () => void stop()).once('SIGTERM', () => void stop());
