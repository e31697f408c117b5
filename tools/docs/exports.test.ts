// Checks that everything that published packages export has a docstring, which editors show.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from './markdown.ts';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly '@spider/source': string }>>;
}

/** The modules of published packages, with the names that they are imported by. */
const modules = globSync('packages/*/package.json', { cwd: root }).flatMap(path => {
  const { name, exports } = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
  return Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [{ module: join(name, entry), file: join(root, dirname(path), target['@spider/source']) }],
  );
});

const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root);
const program = ts.createProgram(
  modules.map(({ file }) => file),
  { ...options, noEmit: true },
);
const checker = program.getTypeChecker();

test.each(modules)('everything that $module exports has a docstring, and so have its methods', ({ file }) => {
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!);
  expect(exported).not.toEqual([]);
  const offered = exported.flatMap(symbol => [symbol, ...methodsOf(symbol)]);
  expect([...new Set(offered.filter(symbol => !isDescribed(symbol)).map(placeOf))]).toEqual([]);
});

/**
 * Static and other methods of a class, and methods of an interface, without well-known symbols such as Symbol.dispose.
 */
function methodsOf(exported: ts.Symbol): ts.Symbol[] {
  const symbol = declared(exported);
  const types = [
    ...(symbol.flags & ts.SymbolFlags.Type ? [checker.getDeclaredTypeOfSymbol(symbol)] : []),
    ...(symbol.flags & ts.SymbolFlags.Value ? [checker.getTypeOfSymbol(symbol)] : []),
  ];
  const methods = types.flatMap(type => checker.getPropertiesOfType(type));
  return methods.filter(({ flags, declarations = [] }) =>
    declarations.some(
      declaration =>
        flags & ts.SymbolFlags.Method &&
        !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) &&
        declaration.getSourceFile().fileName.startsWith(join(root, 'packages/')) &&
        ts.isIdentifier(ts.getNameOfDeclaration(declaration)!),
    ),
  );
}

function declared(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isDescribed(symbol: ts.Symbol): boolean {
  return declared(symbol).getDocumentationComment(checker).length > 0;
}

/** `sleep in packages/x/src/y.ts` */
function placeOf(symbol: ts.Symbol): string {
  const [declaration] = declared(symbol).declarations ?? [];
  return `${symbol.name} in ${declaration ? relative(root, declaration.getSourceFile().fileName) : 'nowhere'}`;
}
