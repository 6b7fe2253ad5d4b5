import { M2MConfigurationError } from '../../errors/configuration.error.js';

/**
 * Keeps a part of the testing kit out of production, where anybody could get its tokens or pass its guard.
 *
 * @param owner what is used
 * @param remedy the line to write if it is meant
 * @throws M2MConfigurationError with `NODE_ENV=production`, unless `allowProduction` is `true`
 */
export function refuseProduction(owner: string, allowProduction: boolean | undefined, remedy: string): void {
  if (process.env['NODE_ENV'] !== 'production' || allowProduction === true) return;
  throw new M2MConfigurationError({
    option: owner,
    problem: 'is for tests and development only, and NODE_ENV is production',
    remedy: `NODE_ENV=test\n${remedy}, if it is meant`,
  });
}
