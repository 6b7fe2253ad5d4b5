import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { McpController as FastifyMcpController } from './recipes/mcp-fastify.controller.js';
import { McpModule } from './recipes/mcp.module.js';

const { PORT = '0', PLATFORM, LIBRARY } = process.env;

/** The module of the recipe, with the controller for Fastify. */
@Module({ imports: Reflect.getMetadata('imports', McpModule) as [], controllers: [FastifyMcpController] })
class FastifyMcpModule {}

const isFastify = PLATFORM === 'fastify';
const options = { logger: ['error', 'warn'] as ('error' | 'warn')[] };
// Each has the application's one M2MModule: only the one that runs may be imported.
const { module, strategy } =
  LIBRARY === 'mcp-nest'
    ? await import('./recipes/mcp-nest.module.js').then(({ McpNestModule, mcp }) => ({
        module: McpNestModule,
        strategy: mcp,
      }))
    : { module: isFastify ? FastifyMcpModule : McpModule, strategy: undefined };
const app = isFastify
  ? await NestFactory.create(module, new FastifyAdapter(), options)
  : await NestFactory.create(module, options);
if (strategy) {
  strategy.setHttpAdapter(app.getHttpAdapter());
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
}
await app.listen(Number(PORT), '127.0.0.1');
process.send?.(await app.getUrl());
process.once('disconnect', () => void app.close());
