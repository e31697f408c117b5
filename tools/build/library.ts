// The one tsup configuration of all packages: ESM, CommonJS and declarations of every "@spider/source" in the
// package's "exports" and "imports", so that package.json alone says what a package is made of.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

type Conditions = { [condition: string]: string | Conditions };

function sources(conditions: Conditions): string[] {
  return Object.entries(conditions).flatMap(([condition, target]) => {
    if (typeof target === 'object') return sources(target);
    return condition === '@spider/source' ? [target] : [];
  });
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Conditions; imports?: Conditions };
const files = [...sources(manifest.exports), ...sources(manifest.imports ?? {})];

export default defineConfig({
  entry: Object.fromEntries(files.map(file => [file.replace(/^\.\/src\/(.*)\.ts$/, '$1'), file])),
  format: ['esm', 'cjs'],
  target: 'es2023',
  platform: 'node',
  dts: true,
  clean: true,
  splitting: true,
  // Gives CommonJS an import.meta.url.
  shims: true,
  external: [/^#/, /^bun:/],
  // A source map names the sources, which are in the package.
  esbuildOptions(options) {
    options.sourcesContent = false;
  },
});
