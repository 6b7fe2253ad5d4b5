import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { ClientCredentialsProvider as ClientCredentialsProviderV1 } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Test } from '@nestjs/testing';
import { M2MClientService, M2MModule } from '../../../lib/index.js';
import type { CompiledSources } from '../../support/compiled-sources.js';
import { platforms } from '../../support/guarded-app.js';
import { compileRecipes, startMcpServer, type McpLibrary, type McpServer } from './mcp-server.js';
import { authProviderOf, findProduct } from './recipes/agent.js';

const INFO = { name: 'agent', version: '1.0.0' };
const FOUND = { content: [{ type: 'text', text: 'Tea costs 3.50' }] };
const TEA = { name: 'find-product', arguments: { name: 'Tea' } };
const ADD = { name: 'add-product', arguments: { name: 'Tea' } };

type Transport = InstanceType<typeof StreamableHTTPClientTransport>;

/** Calls a tool with the newest client of the SDK. */
async function call(transport: Transport, tool: typeof TEA): Promise<unknown> {
  const client = new Client(INFO);
  await client.connect(transport);
  try {
    return await client.callTool(tool);
  } finally {
    await client.close();
  }
}

/** Tests of a recipe of the guide, with the clients of the SDK as they are. */
export function describeMcpServer(library: McpLibrary): void {
  let compiled: CompiledSources;
  beforeAll(async () => {
    compiled = await compileRecipes(library);
  });
  afterAll(async () => {
    await compiled[Symbol.asyncDispose]();
  });

  describe.each(platforms)(`an MCP server made with ${library}, on %s`, (platform) => {
    let server: McpServer;
    beforeAll(async () => {
      server = await startMcpServer(compiled, library, platform);
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
    });

    const unmodified = (clientId: string): Transport => {
      const { issuer } = server.authorizationServer;
      const credentials = { clientId, clientSecret: `${clientId}-secret`, expectedIssuer: issuer };
      return new StreamableHTTPClientTransport(new URL(server.url), {
        authProvider: new ClientCredentialsProvider(credentials),
      });
    };

    /** The status of a call by hand, and its challenge. */
    async function answerTo(tool: typeof TEA, token?: string): Promise<[status: number, challenge: string | null]> {
      const answer = await fetch(server.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: tool }),
      });
      await answer.text();
      return [answer.status, answer.headers.get('www-authenticate')];
    }

    it('serves the newest client of the SDK, which needs its credentials only', async () => {
      expect(await call(unmodified('reader'), TEA)).toMatchObject(FOUND);
    });

    it('has that client get a further scope if a tool needs it', async () => {
      expect(await call(unmodified('writer'), ADD)).toMatchObject({
        content: [{ text: expect.stringMatching(/added/) }],
      });
    });

    it('refuses that client if it may not have the scope', async () => {
      await expect(call(unmodified('reader'), ADD)).rejects.toThrow('the client may not have write:products');
    });

    it('serves the client of version 1, which needs to know the scope', async () => {
      const { issuer } = server.authorizationServer;
      const credentials = { clientId: 'writer', clientSecret: 'writer-secret', expectedIssuer: issuer };
      const authProvider = new ClientCredentialsProviderV1({ ...credentials, scope: 'read:products write:products' });
      const client = new ClientV1(INFO);
      await client.connect(new TransportV1(new URL(server.url), { authProvider }));
      expect((await client.listTools()).tools.map(({ name }) => name).toSorted()).toEqual([
        'add-product',
        'find-product',
      ]);
      expect(await client.callTool(TEA)).toMatchObject(FOUND);
      expect(await client.callTool(ADD)).toMatchObject({ content: [{ text: expect.stringMatching(/added/) }] });
      await client.close();
    });

    it('says in 401 where its metadata are', async () => {
      const where = new URL('/.well-known/oauth-protected-resource/mcp', server.url).href;
      expect(await answerTo(TEA)).toEqual([401, `Bearer realm="api", resource_metadata="${where}"`]);
      expect(await (await fetch(where)).json()).toEqual({
        resource: server.url,
        authorization_servers: [server.authorizationServer.issuer],
        scopes_supported: ['read:products'],
        bearer_methods_supported: ['header'],
      });
    });

    it('says in 403 which scope a tool needs, and where its metadata are', async () => {
      const token = await server.authorizationServer.mint({ clientId: 'reader' });
      const [status, challenge] = await answerTo(ADD, token);
      expect(status).toBe(403);
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain('scope="write:products"');
      const where = new URL('/.well-known/oauth-protected-resource/mcp', server.url).href;
      expect(challenge).toContain(`resource_metadata="${where}"`);
    });

    it.each(['GET', 'DELETE', 'PUT', 'OPTIONS'])(
      'answers %s without a token by nothing of the server',
      async (method) => {
        const headers = { accept: 'application/json, text/event-stream', 'mcp-session-id': '1' };
        const answer = await fetch(server.url, { method, headers });
        await answer.body?.cancel();
        // mcp-nest has no routes for the other methods.
        const isRouted = library === 'official-sdk' || method === 'GET' || method === 'DELETE';
        expect(answer.status).toBe(isRouted ? 401 : 404);
      },
    );

    it('refuses a token for another resource', async () => {
      const token = await server.authorizationServer.mint({ audience: 'https://other.example.com' });
      expect((await answerTo(TEA, token))[0]).toBe(401);
    });

    /** The service of an application that is the agent. */
    async function agent(): Promise<{ m2m: M2MClientService } & AsyncDisposable> {
      const targets = { 'products-mcp': { url: server.url, resource: server.url, scope: 'read:products' } };
      const client = { clientId: 'reader', clientSecret: 'reader-secret', targets };
      const { authorizationServer } = server.authorizationServer;
      const module = await Test.createTestingModule({
        imports: [M2MModule.forRoot({ authorizationServer, client })],
      }).compile();
      await module.init();
      return { m2m: module.get(M2MClientService), [Symbol.asyncDispose]: () => module.close() };
    }

    it('serves the SDK with tokens of M2MClientService, as its authProvider', async () => {
      await using service = await agent();
      server.authorizationServer.clearRequests();
      expect(await findProduct(service.m2m, server.url, 'Tea')).toMatchObject(FOUND);
      expect(await findProduct(service.m2m, server.url, 'Tea')).toMatchObject(FOUND);
      expect(server.authorizationServer.requests('token')).toHaveLength(1);
    });

    it('has that authProvider get another token after a 401', async () => {
      await using service = await agent();
      const provider = authProviderOf(service.m2m, 'products-mcp');
      const first = await provider.token();
      const presented = ['revoked'];
      const token = async (): Promise<string | undefined> => presented.pop() ?? provider.token();
      const authProvider = { ...provider, token };
      const transport = new StreamableHTTPClientTransport(new URL(server.url), { authProvider });
      expect(await call(transport, TEA)).toMatchObject(FOUND);
      expect(await provider.token()).not.toBe(first);
    });

    it('serves the SDK with tokens of M2MClientService, as its fetch', async () => {
      await using service = await agent();
      const fetch = service.m2m.fetchFor('products-mcp');
      expect(await call(new StreamableHTTPClientTransport(new URL(server.url), { fetch }), TEA)).toMatchObject(FOUND);
      const client = new ClientV1(INFO);
      await client.connect(new TransportV1(new URL(server.url), { fetch }));
      expect(await client.callTool(TEA)).toMatchObject(FOUND);
      await client.close();
    });
  });
}
