// The one tsup configuration of all packages: ESM and CommonJS of every "@spider/source" in the package's "exports" and
// "imports", and declarations of what is exported, so that package.json alone says what a package is made of.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

type Conditions = { [condition: string]: string | Conditions };

/** Sources by what is made of them in dist/. */
function entries(conditions: Conditions): Record<string, string> {
  return Object.fromEntries(sources(conditions).map(file => [file.replace(/^\.\/src\/(.*)\.ts$/, '$1'), file]));
}

function sources(conditions: Conditions): string[] {
  return Object.entries(conditions).flatMap(([condition, target]) => {
    if (typeof target === 'object') return sources(target);
    return condition === '@spider/source' ? [target] : [];
  });
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Conditions; imports?: Conditions };
const [exported, internal] = [entries(manifest.exports), entries(manifest.imports ?? {})];

export default defineConfig({
  entry: { ...exported, ...internal },
  format: ['esm', 'cjs'],
  target: 'es2023',
  platform: 'node',
  dts: { entry: exported },
  clean: true,
  splitting: true,
  // Gives CommonJS an import.meta.url.
  shims: true,
  external: [/^#/, /^bun:/],
  esbuildOptions(options, { format }) {
    // A source map names the sources, which are in the package.
    options.sourcesContent = false;
    // Of an error that nobody catches Node shows the line, however long.
    options.lineLimit = 160;
    // CommonJS loads by require() what is imported when it is used: import() would start Node's other loader.
    if (format === 'cjs') options.supported = { 'dynamic-import': false };
  },
});
