import config from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: ['<rootDir>/test/graphs/*.spec.ts'],
  // It runs an application for five minutes.
  testTimeout: 600_000,
};
