import { HttpService } from '@nestjs/axios';
import { getOrInsert } from '../../collections/get-or-insert.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { Destinations, type TargetAccess } from './destination.js';
import type { TargetIndex } from './target-index.js';
import { createInstance } from './target-instance.js';
import type { AttachedTokens } from './client-tokens.js';
import { TokenAttacher } from './token-attacher.js';

/** What puts tokens on the requests of one `M2MClientService`. Each is made when it is needed, and kept. */
export class ServiceAttachers {
  #all: TokenAttacher | undefined;
  readonly #to = new Map<ResolvedTarget, TokenAttacher>();
  readonly #within = new Map<ResolvedTarget, TokenAttacher>();
  readonly #httpServices = new Map<ResolvedTarget | undefined, HttpService>();

  constructor(
    private readonly targets: TargetIndex,
    private readonly access: TargetAccess,
    private readonly tokens: AttachedTokens,
  ) {}

  /** Puts on the token of the target that a URL lies under. Under no target, a request carries none. */
  get all(): TokenAttacher {
    this.#all ??= new TokenAttacher(new Destinations(this.targets, this.access), this.tokens);
    return this.#all;
  }

  /** Puts on the token of one target. Anywhere else, a request carries none. */
  to(target: ResolvedTarget): TokenAttacher {
    return getOrInsert(this.#to, target, () => this.#make(target, false));
  }

  /** Puts on the token of one target. Anywhere else, a request is refused. */
  within(target: ResolvedTarget): TokenAttacher {
    return getOrInsert(this.#within, target, () => this.#make(target, true));
  }

  /** An `HttpService`. @param target outside of which its requests are refused. Default: none */
  http(target: ResolvedTarget | undefined): HttpService {
    return getOrInsert(this.#httpServices, target, () => {
      const instance = createInstance(target);
      const attacher = target ? this.within(target) : this.all;
      attacher.attach(instance);
      return new HttpService(instance);
    });
  }

  #make(target: ResolvedTarget, isOnly: boolean): TokenAttacher {
    return new TokenAttacher(new Destinations(this.targets, this.access, { target, isOnly }), this.tokens);
  }
}
