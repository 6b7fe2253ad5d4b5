import { M2MConfigurationError, type ConfigurationProblem, type RemedyLine } from '../errors/configuration.error.js';
import { problemWith } from '../validation/remedy.js';
import type { TokenParameters } from './authorization-server.js';

type Field = 'audience' | 'resource' | 'scope' | 'organization';

interface NeededField extends RemedyLine {
  readonly option: Field;
}

/** Whether a token is requested in exchange for another. */
export function isExchanged({ grantType = 'client_credentials' }: TokenParameters): boolean {
  return grantType !== 'client_credentials';
}

/** How the token requests of a server differ from the standard. */
export interface RequestRules {
  /** The fields that the server does not know, each with what to write instead: a text if that is no other field. */
  readonly unknown: Readonly<
    Partial<Record<Field, (value: string, request: TokenParameters) => RemedyLine | string | undefined>>
  >;
  /** One of these fields is needed. Each has an example. */
  readonly needed?: readonly [NeededField, ...NeededField[]];
  /** Finds what else is wrong. */
  readonly check?: (request: TokenParameters) => ConfigurationProblem | undefined;
  /** What the server calls the organization. @default 'organization' */
  readonly organizationName?: string;
}

/**
 * The `tokenParameters` of a server: the parameters as they are sent, without empty fields.
 *
 * @param server the name of the server, for messages
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2 RFC 6749, section 4.4.2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 RFC 8707, section 2.2}
 */
export function tokenParametersBy(
  server: string,
  rules: RequestRules,
): (request: TokenParameters) => Record<string, unknown> {
  return (request) => {
    refuse([...unknownFields(request, server, rules), rules.check?.(request), missingField(request, server, rules)]);
    const { audience, resource, scope, organization, parameters } = request;
    return {
      ...parameters,
      ...(audience !== undefined && { audience }),
      ...(resource.length > 0 && { resource: resource.length === 1 ? resource[0] : [...resource] }),
      ...(scope.length > 0 && { scope: scope.join(' ') }),
      ...(organization !== undefined && { [rules.organizationName ?? 'organization']: organization }),
    };
  };
}

function unknownFields(request: TokenParameters, server: string, { unknown }: RequestRules): ConfigurationProblem[] {
  return (Object.keys(unknown) as Field[]).flatMap((field) => {
    const value = given(request, field);
    const remedy = value && unknown[field]?.(value, request);
    if (!remedy) return [];
    const problem = `is '${value}', but ${server} has no such field`;
    if (typeof remedy !== 'string') return [problemWith(field, problem, [remedy])];
    return [{ option: field, problem, remedy, lines: [{ option: field, value: undefined }] }];
  });
}

function missingField(request: TokenParameters, server: string, rules: RequestRules): ConfigurationProblem | undefined {
  const { needed } = rules;
  if (!needed || needed.some(({ option }) => given(request, option))) return undefined;
  return { ...problemWith(needed[0].option, `is missing, and ${server} needs it`, needed), kind: 'missing' };
}

/** What a request says in a field, several values separated by spaces. Empty if it says nothing. */
function given(request: TokenParameters, field: Field): string {
  return [request[field] ?? []].flat().join(' ');
}

/**
 * Throws if there are problems. Missing fields are listed only if nothing else is wrong: the remedy of a field that the
 * server does not know is often the missing field.
 */
function refuse(found: readonly (ConfigurationProblem | undefined)[]): void {
  const problems = found.filter((problem) => problem !== undefined);
  const wrong = problems.filter(({ kind }) => kind !== 'missing');
  if (problems.length > 0) throw new M2MConfigurationError(wrong.length > 0 ? wrong : problems);
}
