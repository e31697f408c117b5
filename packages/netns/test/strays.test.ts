// A helper thread that is started in a visited namespace stays there. Each test runs a process, and finds its threads in
// /proc.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const onBun = process.versions['bun'] !== undefined;
const source = join(import.meta.dirname, 'strays.ts');
const folder = mkdtempSync(join(tmpdir(), 'strays-'));
afterAll(() => rmSync(folder, { recursive: true }));

const builds: Record<string, () => string[]> = {
  'run from source': () => [process.execPath, '--conditions=@spider/source', source],
  'compiled to an executable': () => {
    const executable = join(folder, 'strays');
    execFileSync('node', [join(import.meta.dirname, '../../../tools/build/executable.ts'), source, executable]);
    return [executable];
  },
};

describe.each(onBun ? Object.keys(builds) : ['run from source'])('%s', build => {
  const [program = '', ...args] = builds[build]!();

  function straysOf(visits: string, count: number): unknown {
    return JSON.parse(execFileSync(program, [...args, visits, String(count)], { encoding: 'utf8' }));
  }

  test.each([
    ['sockets', 60_000],
    ['sysctls', 20_000],
    ['sockets and sysctls amid work', 3_000],
  ] as const)('no thread is left behind by visits: %s', (visits, count) => {
    expect(straysOf(visits, count)).toEqual([]);
  });

  // The action of `run` is JavaScript, so Bun may start a helper thread in it, as the docstring of `run` says.
  if (!onBun) {
    test.each([
      ['sockets by run', 20_000],
      ['nothing by run', 60_000],
    ] as const)('no thread is left behind by visits: %s', (visits, count) => {
      expect(straysOf(visits, count)).toEqual([]);
    });

    test("Node's thread pool stays at home even when it is first used in another namespace", () => {
      expect(straysOf('asynchronous work in run', 10)).toEqual([]);
    });
  }
});
