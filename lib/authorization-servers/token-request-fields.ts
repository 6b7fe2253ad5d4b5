import { M2MConfigurationError, type ConfigurationProblem } from '../errors/configuration.error.js';
import type { TokenParameters } from './authorization-server.js';

type Field = 'audience' | 'resource' | 'scope' | 'organization';

/** The fields that a server does not know, each with the line to write instead. */
export type Remedies = Readonly<Partial<Record<Field, (value: string) => string>>>;

/** A problem for each field that is given, but that the server does not know. */
export function unsupported(request: TokenParameters, server: string, remedies: Remedies): ConfigurationProblem[] {
  return (Object.keys(remedies) as Field[]).flatMap((field) => {
    const value = given(request, field);
    const remedy = value === undefined ? undefined : remedies[field]?.(value);
    return remedy === undefined
      ? []
      : [{ option: field, problem: `is '${value}', but ${server} has no such field`, remedy }];
  });
}

/** A problem if a field is missing that the server needs. */
export function required(
  request: TokenParameters,
  server: string,
  field: Field,
  remedy: string,
): ConfigurationProblem[] {
  if (given(request, field) !== undefined) return [];
  return [{ option: field, problem: `is missing, and ${server} needs it`, remedy, kind: 'missing' }];
}

/** What a request says in a field, several values separated by spaces. `undefined` if it is empty. */
function given(request: TokenParameters, field: Field): string | undefined {
  const value = request[field];
  return (typeof value === 'string' ? value : value?.join(' ')) || undefined;
}

/**
 * Throws if there are problems. Missing fields are listed only if nothing else is wrong: the remedy of a field that the
 * server does not know is often the missing field.
 *
 * @throws M2MConfigurationError
 */
export function refuse(problems: readonly ConfigurationProblem[]): void {
  const wrong = problems.filter(({ kind }) => kind !== 'missing');
  if (problems.length > 0) throw new M2MConfigurationError(wrong.length > 0 ? wrong : problems);
}

/**
 * The parameters of a token request as they are sent. Empty fields are left out.
 *
 * @param organizationName what the server calls the organization
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2 RFC 6749, section 4.4.2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 RFC 8707, section 2.2}
 */
export function requestParameters(
  { audience, resource, scope, organization, parameters }: TokenParameters,
  organizationName = 'organization',
): Record<string, unknown> {
  return {
    ...parameters,
    ...(audience !== undefined && { audience }),
    ...(resource.length > 0 && { resource: resource.length === 1 ? resource[0] : [...resource] }),
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    ...(organization !== undefined && { [organizationName]: organization }),
  };
}
