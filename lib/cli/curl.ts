import type { TestAuthorizationServer } from '../testing/test-authorization-server.js';
import { shellWord } from './checks/shell-word.js';

/** A line for a shell that posts a form to an endpoint as the server's first client; nothing if that has no secret. */
export function curlOf(
  server: TestAuthorizationServer,
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
): string | undefined {
  const [id = ''] = server.clientIds;
  const secret = server.secretOf(id);
  if (secret === undefined) return undefined;
  const isPosted = server.authorizationServer.clientAuthentication?.method === 'client_secret_post';
  const form = { ...parameters, ...(isPosted && { client_id: id, client_secret: secret }) };
  const data = Object.entries(form).map(([name, value]) => `--data-urlencode ${shellWord(`${name}=${value}`)}`);
  return ['curl', ...(isPosted ? [] : ['-u', shellWord(`${id}:${secret}`)]), ...data, endpoint].join(' ');
}
