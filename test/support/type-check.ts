import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Type checks modules that import this package by its name, as strictly as this package itself. */
export class TypeCheck {
  private readonly program: ts.Program;
  private readonly files: readonly string[];

  /** @param modules the code, by the path that it would have in this repository */
  constructor(modules: Readonly<Record<string, string>>) {
    const files = new Map(Object.entries(modules).map(([path, code]) => [join(root, path), code]));
    const options = compilerOptions();
    const host = ts.createCompilerHost(options);
    const [readFile, fileExists] = [host.readFile.bind(host), host.fileExists.bind(host)];
    host.readFile = (path) => files.get(path) ?? readFile(path);
    host.fileExists = (path) => files.has(path) || fileExists(path);
    host.getSourceFile = (path, target) => {
      const code = files.get(path) ?? readFile(path);
      return code === undefined ? undefined : ts.createSourceFile(path, code, target);
    };
    this.files = [...files.keys()];
    this.program = ts.createProgram(this.files, options, host);
  }

  /** Each with its file, line and the code there. */
  problems(): string[] {
    const found = this.files.flatMap((path) =>
      ts.getPreEmitDiagnostics(this.program, this.program.getSourceFile(path)),
    );
    return found.map(({ file, start, messageText }) => {
      const message = ts.flattenDiagnosticMessageText(messageText, '\n');
      if (!file || start === undefined) return message;
      const { line } = file.getLineAndCharacterOfPosition(start);
      return `${file.fileName.slice(root.length + 1)}:${line + 1} ${file.text.split('\n')[line]?.trim()}\n  ${message}`;
    });
  }

  /** The members of an interface that this package exports. */
  membersOf(name: string): string[] {
    const checker = this.program.getTypeChecker();
    const index = this.program.getSourceFile(join(root, 'lib/index.ts'));
    const module = index && checker.getSymbolAtLocation(index);
    const exported = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === name);
    if (!exported) throw new Error(`nestjs-m2m exports no ${name}`);
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return checker
      .getDeclaredTypeOfSymbol(symbol)
      .getProperties()
      .map((property) => property.name);
  }
}

function compilerOptions(): ts.CompilerOptions {
  const config = ts.parseConfigFileTextToJson('tsconfig.json', readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(
    (config.config as { compilerOptions: object }).compilerOptions,
    root,
  );
  return {
    ...options,
    paths: { 'nestjs-m2m': [join(root, 'lib/index.ts')], 'nestjs-m2m/*': [join(root, 'lib/*/index.ts')] },
    typeRoots: [join(root, 'node_modules/@types')],
  };
}
