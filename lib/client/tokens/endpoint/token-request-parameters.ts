import type { TokenParameters } from '../../../authorization-servers/authorization-server.js';
import type { ResolvedAuthorizationServer } from '../../../options/resolved-options.js';

/** The parameters of a token request, without those that client authentication adds. */
export type WireParameters = Readonly<Record<string, unknown>>;

/**
 * What is asked for, in the words of the server; what is empty is not asked for.
 *
 * @throws M2MConfigurationError for a field that the server does not understand
 */
export function wireParameters(
  server: Pick<ResolvedAuthorizationServer, 'tokenParameters'>,
  asked: TokenParameters,
): WireParameters {
  const parameters = Object.entries(server.tokenParameters(asked));
  return Object.fromEntries(parameters.filter(([, value]) => !isEmpty(value)));
}

/** As a form; lists repeat the parameter, and what is nested becomes JSON. */
export function formParameters(parameters: WireParameters): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      form.append(name, typeof item === 'object' ? JSON.stringify(item) : String(item));
    }
  }
  return form;
}

/** As JSON, which keeps what is nested. @param form the same parameters, and those that authenticate the client */
export function jsonParameters(parameters: WireParameters, form: URLSearchParams): string {
  const kept = Object.entries(parameters).filter(([, value]) => typeof value !== 'string');
  return JSON.stringify({ ...Object.fromEntries(form), ...Object.fromEntries(kept) });
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
