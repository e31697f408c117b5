import { execFileSync, spawnSync } from 'node:child_process';
import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDirectory } from './directory.ts';

const fixture = join(import.meta.dirname, 'fixture-multicall.ts');
const directory = createDirectory();

/** Without a command, a plugin prints its name to standard error. */
const whoIs = (path: string, env: object = {}) => {
  const { stdout, stderr, status } = spawnSync(path, { env: { ...process.env, ...env }, encoding: 'utf8' });
  return { status, answer: stdout ? JSON.parse(stdout) : stderr.split('\n')[0] };
};

describe('an executable of several plugins', () => {
  const executable = join(directory, 'multicall');

  beforeAll(() => {
    const compile = join(import.meta.dirname, '../../../tools/build/executable.ts');
    execFileSync('node', [compile, fixture, executable], { stdio: 'pipe' });
    for (const name of ['one', 'two', 'broken', 'three', 'constructor'])
      symlinkSync('multicall', join(directory, name));
  });

  it('is the plugin whose name a link to it has', () => {
    expect(whoIs(join(directory, 'one'))).toEqual({ status: 0, answer: 'CNI plugin one v1' });
    expect(whoIs(join(directory, 'two'))).toEqual({ status: 0, answer: 'CNI plugin two v2' });
  });

  it('is the plugin whose name a copy of it has', () => {
    const elsewhere = createDirectory();
    linkSync(executable, join(elsewhere, 'two'));
    expect(whoIs(join(elsewhere, 'two')).answer).toBe('CNI plugin two v2');
  });

  it.each(['three', 'constructor'])('is none under another name: %s', name => {
    expect(whoIs(join(directory, name))).toEqual({
      status: 1,
      answer: { cniVersion: '1.1.0', code: 4, msg: `called as ${name}: this executable is one, two, broken` },
    });
  });

  it('C54 answers with an error if the plugin cannot be loaded', () => {
    expect(whoIs(join(directory, 'broken'))).toEqual({
      status: 1,
      answer: { cniVersion: '1.1.0', code: 999, msg: 'cannot be loaded' },
    });
  });
});

describe('a script of several plugins', () => {
  it('is the plugin whose name it has', () => {
    writeFileSync(join(directory, 'two.mjs'), `import ${JSON.stringify(fixture)};`);
    const { stderr } = spawnSync(process.execPath, [join(directory, 'two.mjs')], { encoding: 'utf8' });
    expect(stderr).toMatch(/^CNI plugin two v2\n/);
  });

  it('does under another name what it is told to', () => {
    const index = JSON.stringify(join(import.meta.dirname, '../src/index.ts'));
    const script = `import { multicall } from ${index}; multicall({}, { otherwise: () => console.log('something else') });`;
    writeFileSync(join(directory, 'other.mjs'), script);
    const { stdout } = spawnSync(process.execPath, [join(directory, 'other.mjs')], { encoding: 'utf8' });
    expect(stdout).toBe('something else\n');
  });
});
