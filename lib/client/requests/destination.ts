import type { InternalAxiosRequestConfig } from 'axios';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { memberOf } from '../../validation/checks.js';
import { listed } from '../../validation/listed.js';
import { clientInWords } from '../events/client-in-words.js';
import { finalUrl } from './final-url.js';
import type { TargetIndex } from './target-index.js';
import { untrusted, whyUntrusted } from './untrusted-url.js';

/** The place that a request with a token goes to. */
export interface Destination {
  readonly target: ResolvedTarget;
  /** The name of the client whose token goes there; `undefined`: the module's own. */
  readonly client: string | undefined;
  readonly url: URL;
  /** Whether the target is on this machine, so that no proxy may see the token. */
  readonly isLocal: boolean;
  /** All targets of the application: a longer prefix below this target is another target. */
  readonly targets: Pick<TargetIndex, 'find' | 'findMisread'>;
}

/** Which clients may use a target. */
export interface TargetAccess {
  /** Whether requests that name no client may use it. */
  mayUse(target: ResolvedTarget): boolean;
  /**
   * The name of the client whose credentials a request uses; `undefined`: the module's own.
   *
   * @param requested the name that the request gives
   * @throws M2MConfigurationError if that client may not use the target
   */
  clientFor(target: ResolvedTarget, requested: string | undefined): string | undefined;
}

/** The one target of requests, in place of all. */
export interface OneTarget {
  readonly target: ResolvedTarget;
  /** Whether a request anywhere else is an error. If not, it carries no token. */
  readonly isOnly: boolean;
}

/** The targets of an application, and those among them whose tokens are attached. */
export class Destinations {
  readonly #targets: TargetIndex;
  readonly #access: TargetAccess;
  readonly #one: ResolvedTarget | undefined;
  /** The target outside of which a request is an error. */
  readonly #only: ResolvedTarget | undefined;

  /** @param targets all targets of the application, because the longest prefix wins */
  constructor(targets: TargetIndex, access: TargetAccess, one?: OneTarget) {
    this.#targets = targets;
    this.#access = access;
    this.#one = one?.target;
    this.#only = one?.isOnly ? one.target : undefined;
  }

  /**
   * The destination of a request; `undefined` if it is to carry no token.
   *
   * @throws UntrustedTargetError if its URL or its `m2m` asks for a token that must not go there, if it lies outside of the
   * only target, or under one that these requests may not use
   * @throws M2MConfigurationError if its `m2m` names a client that may not use the target
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
    if (!target || (this.#one && target !== this.#one)) {
      if (m2m === undefined) return undefined;
      throw untrusted(url, `lies under no target (${this.#known()}), but m2m asks for a token`);
    }
    if (!this.#access.mayUse(target)) throw untrusted(url, whyUnusable(target));
    const client = this.#access.clientFor(target, m2m ? memberOf(m2m, 'client') : undefined);
    const why = whyUntrusted(url, written, target) ?? this.#whyMisread(url, target) ?? whyLedElsewhere(config, url);
    if (why !== undefined) throw untrusted(url, why);
    return { target, client, url, isLocal: this.#targets.isLocal(target), targets: this.#targets };
  }

  #whyMisread(url: URL, target: ResolvedTarget): string | undefined {
    const misread = this.#targets.findMisread(url, target);
    if (!misread) return undefined;
    return `has a path that servers may read as one below the target ${misread.name} (${misread.baseUrl}): decoded, with slashes merged, or in another case; write it as in the url of its target`;
  }

  #known(): string {
    const known = this.#targets.all().filter((target) => this.#access.mayUse(target));
    return listed(known.map(({ name, origin, path }) => `${name} ${origin}${path}`)) || 'none is configured';
  }
}

function whyOutside(only: ResolvedTarget, found: ResolvedTarget | undefined): string {
  const there = found ? `for('${found.name}')` : 'm2m.http';
  return `lies outside of the target ${only.name} (${only.baseUrl}); call it with ${there}, or without a token by m2m: false`;
}

function whyUnusable({ name, client, tokenChoice }: ResolvedTarget): string {
  if (tokenChoice === 'relay') {
    return `lies under the target ${name}, to which the token of the caller is relayed; call it with M2MClientService itself`;
  }
  const remedy = `usableBy: 'any-client' in client.targets.${name}, or call it without a token by m2m: false`;
  return `lies under the target ${name}, which uses the credentials of ${clientInWords(client)} alone; write ${remedy}`;
}

/** The field of a request that leads it to another place than its URL, if there is one. */
function whyLedElsewhere(config: InternalAxiosRequestConfig, url: URL): string | undefined {
  const host = config.headers.get('host');
  if (host !== undefined && host !== null && host !== url.host) return 'would be sent with another Host header';
  if (config.socketPath) return 'would be sent to a socket (socketPath)';
  if (config.transport) return 'would be sent over a transport of its own (transport)';
  return undefined;
}
