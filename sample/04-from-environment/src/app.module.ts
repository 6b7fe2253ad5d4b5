import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { M2MModule } from 'nestjs-m2m';
import { GatewayController } from './gateway.controller.js';

@Module({
  imports: [ConfigModule.forRoot(), M2MModule.forRootAsync(), M2MModule.forFeature(['products'])],
  controllers: [GatewayController],
})
export class AppModule {}
