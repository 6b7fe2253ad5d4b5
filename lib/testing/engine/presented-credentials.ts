import { decodeJwt, decodeProtectedHeader } from 'jose';
import { JWT_BEARER } from '../../client-authentication/assertion.js';
import type { Dialect } from './dialect.js';
import type { TestClientAuthenticationMethod } from '../options/test-authorization-server-options.js';
import { single, type Parameters, type ReceivedRequest } from './received-request.js';
import { Refusal } from './refusal.js';

/** Who a client says it is, and what it shows for it. */
export interface PresentedCredentials {
  readonly method: TestClientAuthenticationMethod;
  readonly clientId: string;
  /** A secret or an assertion. */
  readonly proof?: string;
}

/**
 * Reads the one way in which a client authenticates.
 *
 * @throws Refusal if there is none, or more than one
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, section 2.3}
 */
export function readCredentials(
  request: ReceivedRequest,
  parameters: Parameters,
  basic: Dialect['clientAuthentication']['basic'],
): PresentedCredentials {
  const found = [
    readBasic(request.headers['authorization'], basic),
    readPost(parameters),
    readAssertion(parameters),
  ].filter((credentials) => credentials !== undefined);
  if (found.length > 1) throw new Refusal('several_credentials');
  if (found[0]) return found[0];
  const clientId = single(parameters, 'client_id');
  if (clientId === undefined) throw new Refusal('no_credentials');
  return { method: request.certificate ? 'self_signed_tls_client_auth' : 'none', clientId };
}

function readBasic(
  header: string | undefined,
  encoding: Dialect['clientAuthentication']['basic'],
): PresentedCredentials | undefined {
  const encoded = /^basic +(.*)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  const parts = pair.split(':');
  if (parts.length < 2 || (encoding === 'raw-pair' && parts.length > 2)) throw new Refusal('malformed_credentials');
  const [id = '', ...secret] = parts;
  const read = encoding === 'form' ? formDecode : (value: string): string => value;
  return { method: 'client_secret_basic', clientId: read(id), proof: read(secret.join(':')) };
}

function formDecode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    throw new Refusal('malformed_credentials');
  }
}

function readPost(parameters: Parameters): PresentedCredentials | undefined {
  const proof = single(parameters, 'client_secret');
  if (proof === undefined) return undefined;
  const clientId = single(parameters, 'client_id');
  if (clientId === undefined) throw new Refusal('missing_parameter', 'client_id');
  return { method: 'client_secret_post', clientId, proof };
}

function readAssertion(parameters: Parameters): PresentedCredentials | undefined {
  const proof = single(parameters, 'client_assertion');
  if (proof === undefined) return undefined;
  if (single(parameters, 'client_assertion_type') !== JWT_BEARER) {
    throw new Refusal('bad_assertion', 'client_assertion_type');
  }
  try {
    const method = decodeProtectedHeader(proof).alg?.startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt';
    const clientId = single(parameters, 'client_id') ?? String(decodeJwt(proof).sub);
    return { method, clientId, proof };
  } catch {
    throw new Refusal('bad_assertion', 'not a JWT');
  }
}
