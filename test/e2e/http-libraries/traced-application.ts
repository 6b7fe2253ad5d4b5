import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { M2MClientService, M2MModule } from '../../../lib/index.js';

const { TOKEN_ENDPOINT: tokenEndpoint = '', PRODUCTS_URL: url = '' } = process.env;

const module = M2MModule.forRoot({
  authorizationServer: { name: 'test', issuer: 'http://127.0.0.1:1', tokenEndpoint },
  client: { clientId: 'orders', clientSecret: 's3cret-of-orders', targets: { products: { url } } },
});
const application = await NestFactory.createApplicationContext(module, { logger: ['error', 'warn'] });
const m2m = application.get(M2MClientService);
await firstValueFrom(m2m.for('products').get('/with-axios'));
await (await m2m.fetch('/with-fetch', {}, { target: 'products' })).text();
await firstValueFrom(m2m.for('products').get('/refused')).catch(() => undefined);
await firstValueFrom(m2m.for('products').get('/with-fetch-adapter', { adapter: 'fetch' }));
await application.close();
