// The tsup configuration of all packages. It builds ESM and CommonJS for every "@spider/source" in "exports" and "imports"
// of the package, and declarations for the exports, so that package.json alone determines the contents of a package.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

type Conditions = { [condition: string]: string | Conditions };

/** Sources, by the name of their output in dist/. */
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
  // Provides import.meta.url in CommonJS.
  shims: true,
  external: [/^#/, /^bun:/],
  esbuildOptions(options, { format }) {
    // A source map refers to the sources, which the package contains.
    options.sourcesContent = false;
    // For an uncaught error Node prints the whole line, so lines must not be too long.
    options.lineLimit = 160;
    // In CommonJS, dynamic imports become require(), because import() would start the ESM loader of Node.
    if (format === 'cjs') options.supported = { 'dynamic-import': false };
  },
});
