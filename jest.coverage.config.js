import config from './jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...config,
  collectCoverage: true,
  coverageThreshold: { global: { lines: 95, branches: 95 } },
};
