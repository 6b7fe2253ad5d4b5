import type { InternalAxiosRequestConfig } from 'axios';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { listed } from '../../validation/listed.js';
import { finalUrl } from './final-url.js';
import type { TargetIndex } from './target-index.js';
import { untrusted, whyUntrusted } from './untrusted-url.js';

/** The place that a request with a token goes to. */
export interface Destination {
  readonly target: ResolvedTarget;
  readonly url: URL;
  /** Whether the target is on this machine, so that no proxy may see the token. */
  readonly isLocal: boolean;
  /** All targets of the application: a longer prefix below this target is another target. */
  readonly targets: Pick<TargetIndex, 'find'>;
}

/** The targets of an application, and those among them whose tokens are attached. */
export class Destinations {
  readonly #targets: TargetIndex;
  readonly #isMine: (target: ResolvedTarget) => boolean;
  readonly #only: ResolvedTarget | undefined;

  /**
   * @param targets all targets of the application, because the longest prefix wins
   * @param isMine whether the token of a target is attached
   * @param only the target outside of which a request is an error. Default: a request anywhere else carries no token
   */
  constructor(targets: TargetIndex, isMine: (target: ResolvedTarget) => boolean, only?: ResolvedTarget) {
    this.#targets = targets;
    this.#isMine = isMine;
    this.#only = only;
  }

  /**
   * The destination of a request; `undefined` if it is to carry no token.
   *
   * @throws UntrustedTargetError if its URL or its `m2m` asks for a token that must not go there, or if it lies outside
   * of the only target
   */
  of(config: InternalAxiosRequestConfig): Destination | undefined {
    const { m2m } = config;
    if (m2m === false) return undefined;
    const only = this.#only;
    const hasCredentials = Boolean(config.auth) || config.headers.has('authorization');
    if (hasCredentials && !only) return undefined;
    const written = finalUrl(config);
    const url = URL.canParse(written) ? new URL(written) : undefined;
    const target = url && this.#targets.find(url);
    if (only && target !== only) throw untrusted(url, whyOutside(only, target));
    if (hasCredentials) return undefined;
    if (!target || !this.#isMine(target)) {
      if (m2m === undefined) return undefined;
      throw untrusted(url, `lies under no target (${this.#known()}), but m2m asks for a token`);
    }
    const why = whyUntrusted(url, written, target) ?? whyLedElsewhere(config, url);
    if (why !== undefined) throw untrusted(url, why);
    return { target, url, isLocal: this.#targets.isLocal(target), targets: this.#targets };
  }

  #known(): string {
    const known = this.#targets.all().filter(this.#isMine);
    return listed(known.map(({ name, origin, path }) => `${name} ${origin}${path}`)) || 'none is configured';
  }
}

function whyOutside(only: ResolvedTarget, found: ResolvedTarget | undefined): string {
  const there = found ? `for('${found.name}')` : 'm2m.http';
  return `lies outside of the target ${only.name} (${only.baseUrl}); call it with ${there}, or without a token by m2m: false`;
}

/** The field of a request that leads it to another place than its URL, if there is one. */
function whyLedElsewhere(config: InternalAxiosRequestConfig, url: URL): string | undefined {
  const host = config.headers.get('host');
  if (host !== undefined && host !== null && host !== url.host) return 'would be sent with another Host header';
  if (config.socketPath) return 'would be sent to a socket (socketPath)';
  if (config.transport) return 'would be sent over a transport of its own (transport)';
  return undefined;
}
