import { McpServer, requireScopes, type AuthInfo } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { M2MCaller } from '../../../../lib/index.js';

/** The MCP server, as clients call it. */
export const RESOURCE = process.env['MCP_URL'] ?? 'https://api.example.com/mcp';

export function createProductsServer(): McpServer {
  const server = new McpServer({ name: 'products', version: '1.0.0' });
  const inputSchema = z.object({ name: z.string() });
  server.registerTool(
    'find-product',
    { description: 'Finds a product', inputSchema, scopeChallenge: requireScopes('read:products') },
    ({ name }) => ({ content: [{ type: 'text', text: `${name} costs 3.50` }] }),
  );
  server.registerTool(
    'add-product',
    { description: 'Adds a product', inputSchema, scopeChallenge: requireScopes('write:products') },
    ({ name }, { http }) => ({
      content: [{ type: 'text', text: `${http?.authInfo?.clientId} added ${name}` }],
    }),
  );
  return server;
}

/** What the SDK and the tools know of the caller. They do not need its token. */
export function authInfoOf({ clientId, scopes }: M2MCaller): AuthInfo {
  return { token: '', clientId, scopes: [...scopes], resource: new URL(RESOURCE) };
}
