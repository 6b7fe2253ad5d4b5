import type { ModulesContainer } from '@nestjs/core';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import { M2MModule } from '../m2m.module.js';
import { isObject } from '../validation/checks.js';
import { describeValue } from '../validation/problems.js';
import { checkOptions } from './options/check-arguments.js';
import type { M2MTestingModuleOptions } from './m2m-testing-module-options.js';
import { TestAuthorizationServer } from './test-authorization-server.js';

const OPTIONS = ['server', 'client', 'resourceServer'] as const satisfies (keyof M2MTestingModuleOptions)[];
const OVERRIDE = 'M2MTestingModule.override(Test.createTestingModule({ imports: [AppModule] }), server)';

/** @throws M2MConfigurationError */
export function checkTestingModuleOptions(options: M2MTestingModuleOptions): void {
  checkOptions('M2MTestingModule.forRoot', options, OPTIONS);
  const { server } = options;
  if (server === undefined || (isObject(server) && !(server instanceof Promise))) return;
  throw new M2MConfigurationError({
    option: 'M2MTestingModule.forRoot.server',
    problem: seenAt(server),
    remedy: 'server: await TestAuthorizationServer.start()',
  });
}

/** @throws TypeError */
export function checkOverride(builder: unknown, server: unknown): void {
  if (!isObject(builder) || typeof builder['overrideProvider'] !== 'function') {
    throw new TypeError(
      `the builder ${seenAt(builder)}, not what Test.createTestingModule returns; write: ${OVERRIDE}`,
    );
  }
  if (!(server instanceof TestAuthorizationServer)) {
    const write = 'const server = await TestAuthorizationServer.start()';
    throw new TypeError(`the server ${seenAt(server)}; write: ${write}, and ${OVERRIDE}`);
  }
}

/** @throws M2MConfigurationError if the application has another M2MModule */
export function checkNoOtherModule(modules: ModulesContainer): void {
  const registrations = [...modules.values()].filter(({ metatype }) => isM2MModule(metatype));
  if (registrations.length === 1) return;
  throw new M2MConfigurationError({
    option: 'M2MTestingModule.forRoot',
    problem: 'stands beside another M2MModule or M2MTestingModule',
    remedy: `${OVERRIDE}, for a whole application\nM2MTestingModule.forRoot() with controllers and providers, for a part of one`,
  });
}

function isM2MModule(metatype: { readonly prototype: unknown }): boolean {
  return metatype === M2MModule || metatype.prototype instanceof M2MModule;
}

function seenAt(value: unknown): string {
  return value instanceof Promise ? 'is a promise' : describeValue(value);
}
