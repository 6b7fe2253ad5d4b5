import { proveStarter } from './support/prove-starter.js';
import { asCommonJs, asEsModule, forBundlers } from './support/type-tests.js';

// ES modules, with Vitest.
proveStarter({
  name: 'nest-12-starter',
  fixtures: ['nest-12-starter', 'shared'],
  packages: ['@nestjs/axios', '@nestjs/config', '@nestjs/passport', 'axios', 'passport'],
  scripts: ['test', 'test:e2e'],
  resolutions: { asEsModule, asCommonJs, forBundlers },
});
