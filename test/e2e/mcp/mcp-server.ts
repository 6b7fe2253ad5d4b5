import { fork } from 'node:child_process';
import { once } from 'node:events';
import { TestAuthorizationServer } from '../../../lib/testing/index.js';
import { kill } from '../../support/child-process.js';
import { CompiledSources } from '../../support/compiled-sources.js';
import { freePort } from '../../support/free-port.js';
import type { Platform } from '../../support/guarded-app.js';

const FOLDER = 'test/e2e/mcp';

/** How the MCP server is made. */
export type McpLibrary = 'official-sdk' | 'mcp-nest';

/** A recipe of the guide, in a process of its own: its libraries are CommonJS, and some of them need Nest as one. */
export interface McpServer extends AsyncDisposable {
  /** Where clients call it, as its metadata say. */
  readonly url: string;
  readonly authorizationServer: TestAuthorizationServer;
}

export function compileRecipes(library: McpLibrary): Promise<CompiledSources> {
  const official = ['products-server', 'mcp.module', 'mcp-fastify.controller'];
  const recipes = library === 'mcp-nest' ? [...official, 'mcp-nest.module'] : official;
  return CompiledSources.compile([
    `${FOLDER}/application.ts`,
    ...recipes.map((each) => `${FOLDER}/recipes/${each}.ts`),
  ]);
}

export async function startMcpServer(
  compiled: CompiledSources,
  library: McpLibrary,
  platform: Platform,
): Promise<McpServer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const authorizationServer = await TestAuthorizationServer.start({
    resources: { [url]: ['read:products', 'write:products'] },
    clients: {
      reader: { secret: 'reader-secret', scopes: ['read:products'] },
      writer: { secret: 'writer-secret' },
    },
  });
  const settings = { ISSUER: authorizationServer.issuer, MCP_URL: url, PORT: String(port) };
  const child = fork(compiled.path(`${FOLDER}/application.ts`), {
    env: { ...process.env, ...settings, LIBRARY: library, PLATFORM: platform },
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [started] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown];
  if (typeof started !== 'string') throw new Error(`the application of ${library} on ${platform} did not start`);
  const stop = async (): Promise<void> => {
    await kill(child);
    await authorizationServer.stop();
  };
  return { url, authorizationServer, [Symbol.asyncDispose]: stop };
}
