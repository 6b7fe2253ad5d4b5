import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = join(import.meta.dirname, '../..');
const entries = [
  'index',
  'redis/index',
  'opentelemetry/index',
  'terminus/index',
  'testing/index',
  'jest-preset/index',
].map((entry) => join(root, `lib/${entry}.ts`));
const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
  config: object;
};
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

/** What the entries export, without what belongs to other packages. */
const exported = entries.flatMap((entry) => {
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${entry} exports nothing`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
});

/** A symbol with the members that its declarations write out, and theirs. */
function withMembers(symbol: ts.Symbol, name = symbol.name): { name: string; symbol: ts.Symbol }[] {
  const members = (symbol.declarations ?? []).flatMap(membersIn);
  return [{ name, symbol }, ...members.flatMap((member) => withMembers(member, `${name}.${member.name}`))];
}

function membersIn(declaration: ts.Declaration): ts.Symbol[] {
  if (ts.isClassDeclaration(declaration)) {
    return declaration.members.filter(isPublic).flatMap(symbolAt);
  }
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members.flatMap(symbolAt);
  if (ts.isTypeAliasDeclaration(declaration)) return partsOf(declaration.type).flatMap(membersOfPart);
  const type =
    ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) ? declaration.type : undefined;
  return type ? partsOf(type).filter(ts.isTypeLiteralNode).flatMap(membersOfPart) : [];
}

/** What a type is put together of. */
function partsOf(type: ts.TypeNode): ts.TypeNode[] {
  if (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) return type.types.flatMap(partsOf);
  return ts.isParenthesizedTypeNode(type) ? partsOf(type.type) : [type];
}

function membersOfPart(type: ts.TypeNode): ts.Symbol[] {
  if (ts.isTypeLiteralNode(type)) return type.members.flatMap(symbolAt);
  const symbol = ts.isTypeReferenceNode(type) ? checker.getSymbolAtLocation(type.typeName) : undefined;
  const declared = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const interfaces = (declared?.declarations ?? []).filter(ts.isInterfaceDeclaration);
  return interfaces.flatMap(({ members: own }) => own.flatMap(symbolAt));
}

function isPublic(member: ts.ClassElement): boolean {
  const isHidden = ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
  const isOwn = member.name !== undefined && !ts.isPrivateIdentifier(member.name);
  return !isHidden && isOwn;
}

function symbolAt(member: ts.ClassElement | ts.TypeElement): ts.Symbol[] {
  const symbol = member.name && checker.getSymbolAtLocation(member.name);
  return symbol ? [symbol] : [];
}

function isDocumented(symbol: ts.Symbol): boolean {
  return symbol.getDocumentationComment(checker).length > 0;
}

const members = exported
  .flatMap((symbol) => withMembers(symbol))
  .filter(({ symbol }) => symbol.declarations?.some((at) => at.getSourceFile().fileName.startsWith(join(root, 'lib'))));

function placeOf({ name, symbol }: (typeof members)[number]): string {
  const [declaration] = symbol.declarations ?? [];
  return `${declaration ? relative(root, declaration.getSourceFile().fileName) : ''} ${name}`;
}

describe('the doc comments', () => {
  it('are looked for on everything that is exported, and on its members', () => {
    const names = members.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'M2MTarget.url',
        'M2MResourceServerOptions.trust',
        'M2MClientService.getToken',
        'TestClient.secret',
        'AccessToken.value',
      ]),
    );
    expect(new Set(names).size).toBeGreaterThan(300);
  });

  it('are missing nowhere', () => {
    expect([...new Set(members.filter(({ symbol }) => !isDocumented(symbol)).map(placeOf))].toSorted()).toEqual([]);
  });
});
