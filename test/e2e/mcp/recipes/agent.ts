import { Client, StreamableHTTPClientTransport, type AuthProvider } from '@modelcontextprotocol/client';
import type { M2MClientService } from '../../../../lib/index.js';

/** The tokens of a target, for a transport of the SDK. */
export function authProviderOf(m2m: M2MClientService, target: string): AuthProvider {
  return {
    token: () => m2m.getToken({ target }),
    onUnauthorized: () => m2m.invalidate({ target }),
  };
}

export async function findProduct(m2m: M2MClientService, url: string, name: string): Promise<unknown> {
  const client = new Client({ name: 'agent', version: '1.0.0' });
  const authProvider = authProviderOf(m2m, 'products-mcp');
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
  try {
    return await client.callTool({ name: 'find-product', arguments: { name } });
  } finally {
    await client.close();
  }
}
