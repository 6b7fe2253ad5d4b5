import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from '@jest/globals';
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import { M2MGuard, RequireScopes } from '../../../lib/index.js';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { freePort } from '../../support/free-port.js';
import { startGuardedApp } from '../../support/guarded-app.js';
import { describeMcpServer } from './describe-mcp-server.js';

describeMcpServer('official-sdk');

@UseGuards(M2MGuard)
@RequireScopes('use:tools')
@Controller('mcp')
class EmptyMcpController {
  private readonly answer = toNodeHandler(createMcpHandler(() => new McpServer({ name: 'empty', version: '1.0.0' })));

  @All()
  async handle(@Req() request: IncomingMessage & { body?: unknown }, @Res() response: ServerResponse): Promise<void> {
    await this.answer(request, response, request.body);
  }
}

it('the newest client of the SDK requests the scopes that the 401 of a controller with @RequireScopes names', async () => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`;
  await using server = await TestAuthorizationServer.start({ resources: { [url]: ['use:tools', 'other'] } });
  await using _app = await startGuardedApp({
    options: {
      authorizationServer: server.authorizationServer,
      resourceServer: { audience: url, resourceMetadata: { resource: url, scopes: ['other'] } },
    },
    controllers: [EmptyMcpController],
    port: Number(new URL(url).port),
  });
  const client = new Client({ name: 'agent', version: '1.0.0' });
  const credentials = { clientId: 'test-client', clientSecret: 'test-secret', expectedIssuer: server.issuer };
  const authProvider = new ClientCredentialsProvider(credentials);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  await client.close();
  const requested = server.requests('token').map(({ parameters }) => parameters);
  expect(requested).toMatchObject([{ scope: 'use:tools', resource: url }]);
});
