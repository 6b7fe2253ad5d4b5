/**
 * A copy of what the options hold as a key set, as it would be published: nobody changes it later, and no getter of it is
 * called again. `undefined` if it is nothing that JSON can say.
 *
 * @throws anything that its getters throw
 */
export function asPublished(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}
