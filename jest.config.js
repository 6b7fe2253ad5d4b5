const swc = (options) => ['@swc/jest', { jsc: { target: 'es2023', ...options }, sourceMaps: 'inline' }];

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // For slow machines that do something else at the same time: no test sleeps.
  testTimeout: 120_000,
  // Jest keeps the ES modules of every suite in a process, and with gigabytes of them each promise costs ten times as much.
  // Only workers are replaced when they hold too much, and on two cores the default is none.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '700MB',
  modulePathIgnorePatterns: ['<rootDir>/(?:dist|sample|test/package/fixtures)/'],
  testMatch: ['<rootDir>/test/{unit,component,e2e,conformance}/**/*.spec.ts'],
  // On Node 24.9 and newer Jest takes it for a cycle if a test file's first import of jose is the one of jwks-rsa.
  setupFiles: ['reflect-metadata', 'jose', '<rootDir>/test/support/silent-logger.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': swc({
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    }),
    // jwks-rsa requires jose, an ES module; below Node 24.9 Jest can only do that with jose transformed.
    'node_modules/jose/.+\\.js$': swc({ parser: { syntax: 'ecmascript' } }),
  },
  transformIgnorePatterns: ['/node_modules/(?!(jose)/)'],
  collectCoverageFrom: ['lib/**/*.ts', '!lib/**/index.ts'],
};
