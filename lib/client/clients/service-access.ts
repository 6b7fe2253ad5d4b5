import type { ResolvedTarget } from '../../options/resolved-options.js';
import type { TargetAccess } from '../requests/destination.js';
import { clientOfAnother, targetOfAnother } from './configuration-errors.js';

/** Which targets an `M2MClientService` may use, and with whose credentials. */
export class ServiceAccess implements TargetAccess {
  /**
   * @param client the named client of the service; `undefined`: the module's service, which has the targets of all
   * @param checkName throws M2MConfigurationError for what cannot be the name of a client
   */
  constructor(
    private readonly client: string | undefined,
    private readonly checkName: (name: string) => void,
  ) {}

  mayUse({ client, usableBy }: ResolvedTarget): boolean {
    return this.client === undefined || client === this.client || usableBy === 'any-client';
  }

  /** The names of those that it may use. */
  usable(targets: readonly ResolvedTarget[]): string[] {
    return targets.filter((target) => this.mayUse(target)).map(({ name }) => name);
  }

  clientFor(target: ResolvedTarget, requested: string | undefined): string | undefined {
    const name = this.clientNamed(requested);
    if (name === undefined) return target.client;
    if (name !== target.client && target.usableBy !== 'any-client') targetOfAnother(target, name);
    return name;
  }

  /**
   * The named client of a request, with or without a target.
   *
   * @throws M2MConfigurationError for an unknown client, and for another one than that of the service
   */
  clientNamed(requested: string | undefined): string | undefined {
    if (requested === undefined || requested === this.client) return this.client;
    this.checkName(requested);
    return this.client === undefined ? requested : clientOfAnother(requested, this.client);
  }
}
