import type { X509Certificate } from 'node:crypto';
import { Refusal } from './refusal.js';

/** A request, read to its end. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly certificate: X509Certificate | undefined;
}

/** An answer to be written; a string as it is, anything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The parameters of a body. A form's are strings, or arrays of them if one is repeated. */
export type Parameters = Readonly<Record<string, unknown>>;

/** @throws Refusal for a media type that is not accepted, a body that is not of its type, or an empty one */
export function readParameters(request: ReceivedRequest, formats: readonly ('form' | 'json')[]): Parameters {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') return readForm(request.body);
  if (type === 'application/json' && formats.includes('json')) return readJson(request.body);
  throw new Refusal('unsupported_body', type);
}

function readForm(body: string): Parameters {
  const form = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function readJson(body: string): Parameters {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Parameters;
  } catch {
    // It is refused like any other body that is not an object.
  }
  throw new Refusal('unsupported_body', 'application/json');
}

/** A parameter that may come once. @throws Refusal if it is repeated, or not a string */
export function single(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || typeof value === 'string') return value === '' ? undefined : value;
  throw new Refusal('repeated_parameter', name);
}

/** A parameter whose values are separated by spaces. */
export function list(parameters: Parameters, name: string): readonly string[] {
  return single(parameters, name)?.split(' ').filter(Boolean) ?? [];
}

/** A parameter that may be repeated. */
export function repeated(parameters: Parameters, name: string): readonly string[] {
  return [parameters[name] ?? []].flat().map(String);
}
