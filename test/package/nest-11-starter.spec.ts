import { proveStarter } from './support/prove-starter.js';
import { asCommonJs, asEsModule, beforeExportsMaps, forBundlers } from './support/type-tests.js';

// CommonJS, with Jest.
proveStarter({
  name: 'nest-11-starter',
  fixtures: ['nest-11-starter', 'shared'],
  packages: ['@nestjs/axios@4', '@nestjs/config@4', '@nestjs/passport@11', 'axios', 'passport'],
  scripts: ['test', 'test:e2e', 'test:typescript-only'],
  resolutions: { asEsModule, asCommonJs, forBundlers, beforeExportsMaps },
});
