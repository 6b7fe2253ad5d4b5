import { proveStarter } from './support/prove-starter.js';
import { asCommonJs, asEsModule } from './support/type-tests.js';

// What npm brings when it may choose: ES modules that support Nest 11.
proveStarter({
  name: 'nest-11-starter-newest-peers',
  fixtures: ['nest-11-starter', 'shared'],
  packages: [],
  scripts: ['test', 'test:e2e', 'test:typescript-only'],
  resolutions: { asEsModule, asCommonJs },
});
