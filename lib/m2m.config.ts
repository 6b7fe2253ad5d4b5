import { registerAs } from '@nestjs/config';
import type { M2MModuleOptions } from './options/module-options.js';
import { optionsFromEnvironment } from './options/options-from-environment.js';

/**
 * The module's options as the `M2M_*` environment variables describe them, for `@nestjs/config`.
 *
 * The client secret is held as a function.
 *
 * @example M2MModule.forRootAsync(m2mConfig.asProvider()) // the same as M2MModule.forRootAsync()
 * @throws M2MConfigurationError at start, with every variable that is missing or malformed
 */
export const m2mConfig = registerAs('m2m', (): M2MModuleOptions => optionsFromEnvironment());
