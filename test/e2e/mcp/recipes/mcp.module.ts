import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { All, Controller, Module, Req, Res, UseGuards } from '@nestjs/common';
import { Caller, M2MGuard, M2MModule, oidc, type M2MCaller } from '../../../../lib/index.js';
import { authInfoOf, createProductsServer, RESOURCE } from './products-server.js';

@UseGuards(M2MGuard)
@Controller('mcp')
export class McpController {
  private readonly answer = toNodeHandler(createMcpHandler(createProductsServer));

  @All()
  async handle(
    @Req() request: IncomingMessage & { body?: unknown },
    @Res() response: ServerResponse,
    @Caller() caller: M2MCaller,
  ): Promise<void> {
    await this.answer(Object.assign(request, { auth: authInfoOf(caller) }), response, request.body);
  }
}

@Module({
  imports: [
    M2MModule.forRoot({
      authorizationServer: oidc({ issuer: process.env['ISSUER'] ?? 'https://id.example.com' }),
      resourceServer: {
        audience: RESOURCE,
        resourceMetadata: { resource: RESOURCE, scopes: ['read:products'] },
      },
    }),
  ],
  controllers: [McpController],
})
export class McpModule {}
