import config from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: ['<rootDir>/test/servers/*.spec.ts'],
  reporters: ['default', '<rootDir>/test/servers/support/matrix-reporter.mjs'],
  testSequencer: '<rootDir>/test/servers/support/longest-first.mjs',
  // The first run downloads and builds a server.
  testTimeout: 600_000,
  // It takes minutes to build: `npm run test:servers -- hydra`.
  testPathIgnorePatterns: process.argv.includes('hydra') ? [] : ['/hydra\\.spec\\.ts$'],
};
