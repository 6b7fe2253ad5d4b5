import type { TestEndpoint, TestRequest } from '../options/test-authorization-server-options.js';
import { readParameters, type Answer, type Parameters, type ReceivedRequest } from './received-request.js';

const REDACTED = '[redacted]';
const SECRET_PARAMETERS = [
  'client_secret',
  'client_assertion',
  'token',
  'assertion',
  'subject_token',
  'actor_token',
  'refresh_token',
];

/** What a request and its answer were, without their secrets. */
export function logEntry(endpoint: TestEndpoint | undefined, request: ReceivedRequest, answer: Answer): TestRequest {
  const { method, path, headers } = request;
  const parameters = parametersOf(request);
  return {
    endpoint,
    method,
    path,
    headers: redactHeaders(headers),
    parameters: redact(parameters, SECRET_PARAMETERS),
    clientId: clientIdOf(headers['authorization'], parameters),
    status: answer.status,
    error: errorOf(answer.body),
  };
}

function parametersOf(request: ReceivedRequest): Parameters {
  try {
    return readParameters(request, ['form', 'json']);
  } catch {
    // What cannot be read has no parameters.
    return {};
  }
}

function redactHeaders(headers: ReceivedRequest['headers']): ReceivedRequest['headers'] {
  const { authorization } = headers;
  if (authorization === undefined) return headers;
  return { ...headers, authorization: `${/^\w+ /.exec(authorization)?.[0] ?? ''}${REDACTED}` };
}

function redact(parameters: Parameters, names: readonly string[]): Parameters {
  const shown = Object.entries(parameters).map(([name, value]) => [name, names.includes(name) ? REDACTED : value]);
  return Object.fromEntries(shown) as Parameters;
}

function clientIdOf(authorization: string | undefined, parameters: Parameters): string | undefined {
  const basic = /^basic +(.*)$/i.exec(authorization ?? '')?.[1];
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString().split(':')[0];
  return typeof parameters['client_id'] === 'string' ? parameters['client_id'] : undefined;
}

function errorOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return String(body.error);
}
