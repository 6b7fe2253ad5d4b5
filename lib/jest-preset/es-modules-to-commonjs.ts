import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as TypeScript from 'typescript';

/** What Jest tells a transformer, as far as it is needed here. */
interface TransformOptions {
  /** Whether the file is imported by a test that runs as an ES module. */
  readonly supportsStaticESM: boolean;
  readonly config: { readonly rootDir: string };
}

/** A transformer of Jest: with the application's own `typescript`, which every Nest application has. */
const transformer = {
  canInstrument: false,

  process(source: string, path: string, { supportsStaticESM, config }: TransformOptions): { code: string } {
    if (supportsStaticESM) return { code: source };
    const ts = typescriptOf(config.rootDir);
    const { outputText } = ts.transpileModule(source, {
      fileName: path,
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
        inlineSourceMap: true,
      },
    });
    return { code: outputText };
  },

  getCacheKey(source: string, path: string, { supportsStaticESM, config }: TransformOptions): string {
    const { version } = typescriptOf(config.rootDir);
    const inputs = JSON.stringify([version, supportsStaticESM, path, source]);
    return createHash('sha256').update(inputs).digest('hex');
  },
};

function typescriptOf(rootDir: string): typeof TypeScript {
  return createRequire(join(rootDir, 'package.json'))('typescript') as typeof TypeScript;
}

export default transformer;
