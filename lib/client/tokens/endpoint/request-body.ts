import type { WireParameters } from '../grants/grant.js';

/** Parameters as a form. A list repeats its parameter; a nested value becomes JSON. */
export function formBody(parameters: WireParameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      form.append(name, typeof item === 'object' ? JSON.stringify(item) : String(item));
    }
  }
  return form;
}

/** Parameters as JSON, which keeps nested values. @param form the same parameters, and those that authenticate the client */
export function jsonBody(parameters: WireParameters, form: URLSearchParams): string {
  const kept = Object.entries(parameters).filter(([, value]) => typeof value !== 'string');
  return JSON.stringify({ ...Object.fromEntries(form), ...Object.fromEntries(kept) });
}
