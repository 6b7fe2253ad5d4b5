import type { UpstreamFetch } from '../../../authorization-servers/discovery.js';
import { jsonBody } from '../../../http/json-body.js';
import { printableUrl } from '../../../http/printable-url.js';
import { importKeySet } from './import-key-set.js';
import type { VerificationKey } from './verification-key.js';

/**
 * Fetches a key set and keeps the keys that can verify signatures.
 *
 * @param timeout milliseconds
 * @throws Error if the document is not a key set, or has no usable key
 */
export async function fetchKeySet(
  fetch: UpstreamFetch,
  uri: string,
  timeout: number,
): Promise<readonly VerificationKey[]> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const { status, body } = await fetch({ url: uri, timeout, headers });
  const source = printableUrl(uri);
  if (status !== 200) throw new Error(`${source} answered ${status}`);
  const document = jsonBody(body);
  if (document === undefined) throw new Error(`${source} answered something that is not JSON`);
  return importKeySet(document, source);
}
