import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';
import type { TestAuthorizationServer } from '../../../lib/testing/index.js';

/** What a token endpoint answered; the token decoded, if there is one. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly header: ProtectedHeaderParameters;
  readonly claims: JWTPayload;
}

export interface Ask {
  readonly parameters?: Record<string, string> | [string, string][];
  /** `id:secret` of a Basic header, as it goes on the wire; `null` sends none. */
  readonly basic?: string | null;
  readonly json?: boolean;
  readonly headers?: Record<string, string>;
}

/** Asks for a token the plain way, so that nothing but the server is under test. */
export async function ask(server: TestAuthorizationServer, options: Ask = {}): Promise<TokenAnswer> {
  const { parameters = {}, basic = null, json = false, headers = {} } = options;
  const form = new URLSearchParams(parameters);
  if (!form.has('grant_type')) form.set('grant_type', 'client_credentials');
  const response = await fetch(server.tokenEndpoint, {
    method: 'POST',
    body: json ? JSON.stringify(Object.fromEntries(form)) : form.toString(),
    headers: {
      'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(basic !== null && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
      ...headers,
    },
  });
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  const token = body['access_token'];
  const readable = typeof token === 'string' && token.split('.').length === 3;
  return {
    status: response.status,
    headers: response.headers,
    body,
    header: readable ? decodeProtectedHeader(token) : {},
    claims: readable ? decodeJwt(token) : {},
  };
}
