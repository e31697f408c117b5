import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// The runtime's own condition is last so that packages pick the engine of the runtime under test.
const conditions = ['@spider/source', process.versions['bun'] ? 'bun' : 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', '**/*.test.ts'],
    // What a release consists of is looked at once: it has its own runtimes, whichever runs the tests.
    passWithNoTests: process.versions['bun'] !== undefined,
    exclude: ['node_modules', 'dist', ...(process.versions['bun'] ? ['release'] : [])],
    setupFiles: [join(import.meta.dirname, 'seed.ts')],
    // A process per file, on its main thread: setns(2) changes one thread, and /proc/self shows the main one.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    typecheck: { enabled: false },
  },
});
