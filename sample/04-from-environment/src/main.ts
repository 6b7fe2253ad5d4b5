import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { M2MClientService } from 'nestjs-m2m';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
app.get(M2MClientService).events$.subscribe((event) => {
  if (event.type === 'request-failed') Logger.warn(`${event.error.message}. Does sample 03 run?`, 'Gateway');
});
await app.listen(process.env.PORT ?? 3004, '127.0.0.1');
