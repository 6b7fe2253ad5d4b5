import type { INestApplicationContext } from '@nestjs/common';
import { M2M_RESOLVED_OPTIONS } from '../m2m.module-definition.js';
import type { ResolvedOptions } from '../options/resolved-options.js';
import type { TestTokenOptions } from './test-authorization-server-options.js';
import { serverOf } from './tested-options.js';

/** Which machine calls, and with which rights. */
export interface TestMachineOptions extends Omit<TestTokenOptions, 'scope' | 'user'> {
  /** @default every scope that the client may have */
  scopes?: readonly string[] | undefined;
}

/**
 * The headers of a request by a machine, with an access token for this application.
 *
 * @example
 * await request(app.getHttpServer()).get('/products').set(await asMachine(app, { scopes: ['read:products'] }))
 * await app.inject({ url: '/products', headers: await asMachine(app) })
 * @throws TypeError where the application does not run against a test server
 */
export async function asMachine(
  app: INestApplicationContext,
  { scopes, ...options }: TestMachineOptions = {},
): Promise<{ authorization: string }> {
  const resolved = app.get<ResolvedOptions>(M2M_RESOLVED_OPTIONS, { strict: false });
  const audience = resolved.resourceServer?.issuers[0]?.audience?.[0];
  const token = await serverOf(resolved).mint({ audience, scope: scopes, ...options });
  return { authorization: `Bearer ${token}` };
}
