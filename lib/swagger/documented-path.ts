/** What stands for something else in the path of a route, or for nothing in the document. */
const SYNTAX =
  /\\(?<escaped>.)|(?<colon>::|\[:\])|\(\^[^)]*\)|[:*](?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*|"[^"]*")|(?<wildcard>\(\.\*\)|\*)|[{}]/gu;

/**
 * The path of a route as an OpenAPI document has it: `{id}` for parameters and wildcards, and optional parts as if they
 * were none. The document names wildcards that have no name, in more than one way: here they are `{path}`.
 *
 * It knows what Express and Fastify write: escaped characters, colons that begin no parameter, and what a parameter of
 * Fastify must match.
 */
export function documentedPath(route: string): string {
  return route.replaceAll(SYNTAX, (...match) => {
    const { escaped, colon, name, wildcard } = match.at(-1) as Partial<Record<string, string>>;
    if (escaped !== undefined) return escaped;
    if (colon !== undefined) return ':';
    if (name !== undefined) return `{${name.replaceAll('"', '')}}`;
    return wildcard === undefined ? '' : '{path}';
  });
}
