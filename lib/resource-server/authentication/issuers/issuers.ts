import type { ResolvedIssuer } from '../../../options/resolved-options.js';
import { isAskable } from './askable-issuer.js';
import type { FoundIssuers } from './found-issuers.js';

/** The issuers whose tokens are accepted: those of the options first, then those that a function finds. */
export class Issuers<Issuer extends { readonly options: ResolvedIssuer }> {
  readonly #byName: ReadonlyMap<unknown, Issuer>;
  readonly #found: FoundIssuers<Issuer> | undefined;

  /** @param inOptions those of the options @param found `undefined` if there is no function */
  constructor(
    readonly inOptions: readonly Issuer[],
    found: FoundIssuers<Issuer> | undefined,
  ) {
    this.#byName = byName(inOptions);
    this.#found = found;
  }

  /** The names of those of the options. */
  get names(): readonly string[] {
    return Array.from(this.#byName.keys(), String);
  }

  /** An issuer that is accepted, if that is known without waiting. */
  known(name: unknown): Issuer | undefined {
    return this.#byName.get(name) ?? (typeof name === 'string' ? this.#found?.known(name) : undefined);
  }

  /** Whether an issuer that is not known may be found. */
  mayBeFound(name: unknown): name is string {
    return this.#found !== undefined && isAskable(name) && !this.#found.isMissing(name);
  }

  /**
   * An issuer that may be found; `undefined` if its tokens are not accepted.
   *
   * @throws KeysUnavailableError if that cannot be known now
   */
  async find(name: string): Promise<Issuer | undefined> {
    return this.#found?.find(name);
  }

  /** Forgets an issuer that was found. */
  forget(name: string): void {
    this.#found?.forget(name);
  }

  /** Every issuer that is accepted now, as far as that is known. */
  all(): readonly Issuer[] {
    return [...this.inOptions, ...(this.#found?.all() ?? [])];
  }
}

/** What belongs to issuers, by every `iss` that their tokens may have. */
export function byName<Value extends { readonly options: ResolvedIssuer }>(
  all: readonly Value[],
): ReadonlyMap<unknown, Value> {
  return new Map(
    all.flatMap((each) => each.options.authorizationServer.acceptedIssuers.map((name) => [name, each] as const)),
  );
}
