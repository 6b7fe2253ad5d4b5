import { Module } from '@nestjs/common';
import { M2MModule } from 'nestjs-m2m';
import { CatalogueController } from './catalogue.controller.js';
import { CatalogueService } from './catalogue.service.js';

@Module({
  imports: [M2MModule.forFeature(['products'])],
  controllers: [CatalogueController],
  providers: [CatalogueService],
})
export class CatalogueModule {}
