import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { TokenEndpointError } from '../../errors/token-endpoint.error.js';
import type { ResolvedClient } from '../../options/resolved-options.js';

/** A client's secret: asked for when it is first needed, and kept. */
export class ClientSecret {
  readonly #read: NonNullable<ResolvedClient['clientSecret']>;
  #value: Promise<string> | undefined;

  constructor(client: ResolvedClient) {
    this.#read = client.clientSecret ?? ((): never => missing(client));
  }

  /** @throws TokenEndpointError where the function of the options fails, M2MConfigurationError where it returns no text */
  value(): Promise<string> {
    const asked = this.#value ?? this.#ask();
    this.#value = asked;
    asked.catch(() => (this.#value = undefined));
    return asked;
  }

  async #ask(): Promise<string> {
    let secret: unknown;
    try {
      secret = await this.#read();
    } catch (error) {
      if (error instanceof M2MConfigurationError) throw error;
      // Its message is not repeated: it may hold what the function was about to fetch.
      throw new TokenEndpointError(`the clientSecret function failed with ${nameOf(error)}`);
    }
    if (typeof secret === 'string' && secret !== '') return secret;
    const seen = secret === '' ? 'an empty string' : secret === null ? 'null' : typeof secret;
    throw problem(`is a function that returned ${seen}`);
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name;
}

function missing({ clientAuthentication }: ResolvedClient): never {
  throw problem(`is missing, and ${clientAuthentication.method} needs it`);
}

function problem(seen: string): M2MConfigurationError {
  const write = 'clientSecret: () => readTheSecret(), which returns a text or a promise of one';
  return new M2MConfigurationError([{ where: 'client.clientSecret', seen, write }]);
}
