import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { All, Controller, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { Caller, M2MGuard, type M2MCaller } from 'nestjs-m2m';
import { createProductsServer } from './products.js';

/** Where the MCP server is, as its clients call it. */
export const RESOURCE = Symbol('resource');

@UseGuards(M2MGuard)
@Controller('mcp')
export class McpController {
  private readonly answer = toNodeHandler(createMcpHandler(createProductsServer));

  constructor(@Inject(RESOURCE) private readonly resource: string) {}

  @All()
  async handle(
    @Req() request: IncomingMessage & { body?: unknown },
    @Res() response: ServerResponse,
    @Caller() { clientId, scopes }: M2MCaller,
  ): Promise<void> {
    // Tools do not need the token of the caller, so that none can send it on.
    const auth = { token: '', clientId, scopes: [...scopes], resource: new URL(this.resource) };
    await this.answer(Object.assign(request, { auth }), response, request.body);
  }
}
