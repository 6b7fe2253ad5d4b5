import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const url = process.env.MCP_URL ?? 'http://127.0.0.1:3006/mcp';
const issuer = process.env.ISSUER ?? 'http://127.0.0.1:4006';

/** An agent with the client of the SDK as it is: it knows its credentials, and the authorization server they are for. */
async function useTools(clientId: string): Promise<void> {
  const client = new Client({ name: clientId, version: '1.0.0' });
  const authProvider = new ClientCredentialsProvider({
    clientId,
    clientSecret: `${clientId}-secret`,
    expectedIssuer: issuer,
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  for (const call of [
    { name: 'find-product', arguments: { name: 'Tea' } },
    { name: 'set-price', arguments: { name: 'Tea', price: 4 } },
  ]) {
    const answer = await client.callTool(call).then(
      ({ content }) => JSON.stringify(content),
      (error: unknown) => `refused: ${error instanceof Error ? error.message : String(error)}`,
    );
    console.log(`${clientId} ${call.name} ${answer}`);
  }
  await client.close();
}

await useTools('shop-agent');
await useTools('price-agent');
