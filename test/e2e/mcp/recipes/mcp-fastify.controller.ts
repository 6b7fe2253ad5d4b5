import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, M2MGuard, type M2MCaller } from '../../../../lib/index.js';
import { authInfoOf, createProductsServer } from './products-server.js';

@UseGuards(M2MGuard)
@Controller('mcp')
export class McpController {
  private readonly answer = toNodeHandler(createMcpHandler(createProductsServer));

  @All()
  async handle(
    @Req() { raw, body }: FastifyRequest,
    @Res() reply: FastifyReply,
    @Caller() caller: M2MCaller,
  ): Promise<void> {
    reply.hijack();
    await this.answer(Object.assign(raw, { auth: authInfoOf(caller) }), reply.raw, body);
  }
}
