import { hash } from 'node:crypto';
import type { Clock } from '../../clock.js';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import { TokenEndpointError } from '../../errors/token-endpoint.error.js';
import { UpstreamError } from '../../http/upstream.error.js';
import type { ResolvedClient } from '../../options/resolved-options.js';
import { nameOf } from './name-of.js';

/** Milliseconds between two questions for a secret that is refused. */
const ASK_AGAIN = 5000;

/** A client's secret: asked for when it is first needed, kept, and asked for again when it is refused. */
export class ClientSecret {
  #value: Promise<string> | undefined;
  #askedAt = -Infinity;

  /** @param read gives the secret as it is now */
  constructor(
    private readonly read: NonNullable<ResolvedClient['clientSecret']>,
    private readonly clock: Clock,
  ) {}

  /** @throws TokenEndpointError where the function of the options fails, M2MConfigurationError where it returns no text */
  value(): Promise<string> {
    if (this.#value) return this.#value;
    const asked = this.#ask();
    this.#value = asked;
    asked.catch(() => (this.#value = undefined));
    return asked;
  }

  /** Whether there is another secret by now than the one that was refused. */
  async changedSince(refused: string): Promise<boolean> {
    if ((await this.value()) !== refused) return true;
    if (this.clock.monotonic() - this.#askedAt >= ASK_AGAIN) this.#value = this.#ask().catch(() => refused);
    // Somebody else may have asked a moment ago.
    return (await this.value()) !== refused;
  }

  async #ask(): Promise<string> {
    this.#askedAt = this.clock.monotonic();
    let secret: unknown;
    try {
      secret = await this.read();
    } catch (error) {
      if (error instanceof M2MConfigurationError) throw error;
      // Its message is not repeated: it may hold what the function was about to fetch.
      const message = `the clientSecret function failed with ${nameOf(error)}`;
      throw new TokenEndpointError(message, { cause: new UpstreamError('network', message) });
    }
    if (typeof secret === 'string' && secret !== '') return secret;
    const seen = secret === '' ? 'an empty string' : secret === null ? 'null' : typeof secret;
    throw new M2MConfigurationError([
      {
        where: 'client.clientSecret',
        seen: `is a function that returned ${seen}`,
        write: 'clientSecret: () => readTheSecret(), which returns a text or a promise of one',
      },
    ]);
  }
}

/** A few bits of a secret's hash: enough to tell two secrets apart, too few to find one. */
export function fingerprint(secret: string): string {
  return hash('sha256', secret).slice(0, 8);
}
