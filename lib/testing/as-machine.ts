import type { INestApplicationContext } from '@nestjs/common';
import { M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import { checkOptions, knownOptions } from './options/check-arguments.js';
import type { TestTokenOptions } from './options/test-authorization-server-options.js';
import { serverOf } from './tested-options.js';

/** Which machine calls, with which rights, and what else its token says. For a user's token there is `server.mint`. */
export interface TestMachineOptions extends Omit<TestTokenOptions, 'scope' | 'user'> {
  /** The audience of its token. @default the application's own */
  audience?: TestTokenOptions['audience'];
  /** The scopes of its token; an empty array is none. @default every scope that the client may have */
  scopes?: readonly string[] | undefined;
}

const known: readonly string[] = [
  ...knownOptions.token.filter((name) => name !== 'scope' && name !== 'user'),
  'scopes' satisfies keyof TestMachineOptions,
];

/**
 * The headers of a request by a machine, with an access token for this application.
 *
 * @example
 * await request(app.getHttpServer()).get('/products').set(await asMachine(app, { scopes: ['read:products'] }))
 * await app.inject({ url: '/products', headers: await asMachine(app) })
 * @param app the application, or its testing module
 * @throws TypeError if the application does not run against a test server
 * @throws M2MConfigurationError for names that are no options
 */
export async function asMachine(
  app: INestApplicationContext,
  options: TestMachineOptions = {},
): Promise<{ authorization: string }> {
  checkOptions('asMachine', options, known);
  const { scopes, ...others } = options;
  const resolved = app.get<ResolvedOptions>(M2M_RESOLVED_OPTIONS, { strict: false });
  const audience = resolved.resourceServer?.primary?.audience?.[0];
  const token = await serverOf(resolved).mint({ audience, scope: scopes, ...others });
  return { authorization: `Bearer ${token}` };
}
