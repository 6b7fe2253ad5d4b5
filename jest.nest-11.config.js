import { readdirSync, readFileSync } from 'node:fs';
import config from './jest.config.js';

const PACKAGES = 'test/nest-11/node_modules/@nestjs';

/** Nest's packages for HTTP, configuration and GraphQL are numbered by themselves. */
const MAJORS = new Map([
  ['apollo', 13],
  ['axios', 4],
  ['config', 4],
  ['graphql', 13],
  ['mapped-types', 2],
  ['mercurius', 13],
]);

for (const name of readdirSync(new URL(PACKAGES, import.meta.url))) {
  const { version } = JSON.parse(readFileSync(new URL(`${PACKAGES}/${name}/package.json`, import.meta.url), 'utf8'));
  const major = MAJORS.get(name) ?? 11;
  if (!version.startsWith(`${major}.`)) throw new Error(`${PACKAGES}/${name} is ${version}, expected ${major}.x`);
}

/** @type {import('jest').Config} */
export default {
  ...config,
  testMatch: ['<rootDir>/test/{e2e,conformance,nest-11}/**/*.spec.ts'],
  testPathIgnorePatterns: [
    // Their applications run in processes of their own, whose libraries have the root's Nest.
    '<rootDir>/test/e2e/(?:fleet|nest-libraries)/',
    '<rootDir>/test/e2e/mcp/mcp-nest.spec.ts',
    // It has no application at all.
    '<rootDir>/test/e2e/redis/servers.spec.ts',
  ],
  // Every import, that of Nest's own packages too, so that there is one copy of each.
  moduleNameMapper: { ...config.moduleNameMapper, '^(@nestjs/.*)$': `<rootDir>/test/nest-11/node_modules/$1` },
};
