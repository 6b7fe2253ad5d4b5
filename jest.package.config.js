import config from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: ['<rootDir>/test/package/*.spec.ts'],
  globalSetup: '<rootDir>/test/package/support/pack.ts',
  testTimeout: 600_000,
};
