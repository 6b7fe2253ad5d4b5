import { compileFunction } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import transformer from '../../../lib/jest-preset/es-modules-to-commonjs.js';
import preset from '../../../lib/jest-preset/index.js';

/** Runs a CommonJS module, for which `require` gives `{ sign: () => 'signed' }`. */
function evaluate(code: string): unknown {
  const exports = {};
  compileFunction(code, ['exports', 'require'])(exports, () => ({ sign: () => 'signed' }));
  return exports;
}

const transformed = (path: string) =>
  !preset.transformIgnorePatterns.some((pattern) => new RegExp(pattern).test(path)) &&
  Object.keys(preset.transform).some((pattern) => new RegExp(pattern).test(path));

describe('the Jest preset', () => {
  it.each([
    '/app/node_modules/nestjs-m2m/dist/index.js',
    '/app/node_modules/jose/dist/webapi/index.js',
    '/app/node_modules/oauth4webapi/build/index.js',
    '/app/node_modules/@nestjs/axios/dist/index.js',
    '/app/node_modules/.pnpm/jose@6.2.0/node_modules/jose/dist/webapi/index.js',
    String.raw`C:\app\node_modules\nestjs-m2m\dist\index.js`,
    String.raw`C:\app\node_modules\@nestjs\config\dist\index.js`,
  ])('transforms %s', (path) => {
    expect(transformed(path)).toBe(true);
  });

  it.each([
    '/app/node_modules/jwks-rsa/src/index.js',
    '/app/node_modules/jose-extra/index.js',
    '/app/node_modules/@nestjs/core/index.js',
    '/app/node_modules/.pnpm/rxjs@7.8.2/node_modules/rxjs/dist/cjs/index.js',
    '/app/src/main.ts',
    '/app/node_modules/nestjs-m2m/package.json',
  ])('leaves %s alone', (path) => {
    expect(transformed(path)).toBe(false);
  });
});

describe('its transformer', () => {
  const source = "import { sign } from 'jose';\nexport const signed = sign();\n";
  const config = { rootDir: import.meta.dirname };
  const commonJs = { supportsStaticESM: false, config };
  const esModule = { supportsStaticESM: true, config };
  it('makes an ES module a CommonJS one', () => {
    expect(evaluate(transformer.process(source, '/x.js', commonJs).code)).toEqual({ signed: 'signed' });
  });

  it('leaves an ES module as it is for a test that is one', () => {
    expect(transformer.process(source, '/x.js', esModule)).toEqual({ code: source });
  });

  it('has a cache key of its own for either, and for every source', () => {
    const keys = [
      transformer.getCacheKey(source, '/x.js', commonJs),
      transformer.getCacheKey(source, '/x.js', esModule),
      transformer.getCacheKey(`${source} `, '/x.js', commonJs),
      transformer.getCacheKey(source, '/y.js', commonJs),
    ];
    expect(new Set(keys).size).toBe(4);
    expect(transformer.getCacheKey(source, '/x.js', { ...commonJs })).toBe(keys[0]);
  });
});
