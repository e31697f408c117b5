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
    // The tests of releases run once, because they select their runtimes themselves.
    passWithNoTests: process.versions['bun'] !== undefined,
    exclude: ['node_modules', 'dist', ...(process.versions['bun'] ? ['release'] : [])],
    setupFiles: [join(import.meta.dirname, 'seed.ts')],
    // A process per file, on its main thread: setns(2) changes one thread, and /proc/self shows the main one.
    pool: 'forks',
    // Only a test that hangs takes this long. On a busy machine a test may take many times its usual time.
    testTimeout: 240_000 * slowness,
    hookTimeout: 240_000 * slowness,
    // Polled conditions depend on the kernel or on another process.
    expect: { poll: { timeout: 30_000 * slowness } },
    typecheck: { enabled: false },
  },
});
