import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { slowness } from '../slowness.ts';

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
    // Only what hangs takes so long: on a busy machine all that runs may take many times what it takes alone.
    testTimeout: 240_000 * slowness,
    hookTimeout: 240_000 * slowness,
    // What is polled for comes when the kernel, or another process, gets round to it.
    expect: { poll: { timeout: 30_000 * slowness } },
    typecheck: { enabled: false },
  },
});
