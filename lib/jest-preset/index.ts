import { fileURLToPath } from 'node:url';

const separator = String.raw`[/\\]`;
/** This package, and what it needs that is an ES module: the three of Nest are from their version 12 on. */
const esModules = `(?:nestjs-m2m|jose|oauth4webapi|@nestjs${separator}(?:axios|config|passport))${separator}`;

const transformer = fileURLToPath(new URL('es-modules-to-commonjs.js', import.meta.url));

/**
 * Lets Jest load this package in CommonJS, as the Nest 11 starter's tests are: `preset: 'nestjs-m2m/jest-preset'`.
 *
 * Jest below Node 24.9 cannot `require` an ES module, so the ones that are needed are transformed like the
 * application's own files: by the application's transform if it takes `.js` files, else by this preset's own.
 */
const preset = {
  transformIgnorePatterns: [
    // pnpm nests one node_modules in another; there the inner one decides.
    `${separator}node_modules${separator}(?!${esModules}|\\.pnpm${separator})`,
  ],
  transform: {
    [`${separator}node_modules${separator}${esModules}.+\\.js$`]: transformer,
  },
};

export default preset;
