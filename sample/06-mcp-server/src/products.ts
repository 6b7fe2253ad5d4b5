import { McpServer, requireScopes } from '@modelcontextprotocol/server';
import { z } from 'zod';

const prices = new Map([['Tea', 3.5]]);

/** The tools, each with the scope that it needs. */
export function createProductsServer(): McpServer {
  const server = new McpServer({ name: 'products', version: '1.0.0' });
  server.registerTool(
    'find-product',
    {
      description: 'The price of a product',
      inputSchema: z.object({ name: z.string() }),
      scopeChallenge: requireScopes('read:products'),
    },
    ({ name }) => text(prices.has(name) ? `${name} costs ${prices.get(name)}` : `there is no ${name}`),
  );
  server.registerTool(
    'set-price',
    {
      description: 'Changes the price of a product',
      inputSchema: z.object({ name: z.string(), price: z.number() }),
      scopeChallenge: requireScopes('write:products'),
    },
    ({ name, price }, { http }) => {
      prices.set(name, price);
      return text(`${http?.authInfo?.clientId} has set the price of ${name} to ${price}`);
    },
  );
  return server;
}

function text(value: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text: value }] };
}
