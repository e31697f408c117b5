import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rotate } from './rotate.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'veth-log-'));
  file = join(directory, 'veth.log');
});
afterEach(() => rmSync(directory, { recursive: true }));

const limits = { size: 100, age: 86_400_000, count: 2 };
const aside = () => readdirSync(directory).filter(name => name !== 'veth.log');

test('a file below its size stays', () => {
  writeFileSync(file, 'x'.repeat(99));
  rotate(file, limits);
  expect(readdirSync(directory)).toEqual(['veth.log']);
});

test('a file that has reached its size is put aside, whole', () => {
  writeFileSync(file, 'x'.repeat(100));
  rotate(file, limits);
  expect(existsSync(file)).toBe(false);
  expect(readFileSync(join(directory, aside()[0]!), 'utf8')).toHaveLength(100);
});

test('as many as asked for are kept, the latest', async () => {
  for (const letter of 'abcd') {
    writeFileSync(file, letter.repeat(100));
    rotate(file, limits);
    // The names have a resolution of milliseconds.
    await new Promise(resolve => setTimeout(resolve, 3));
  }
  expect(
    aside()
      .map(name => readFileSync(join(directory, name), 'utf8')[0])
      .sort(),
  ).toEqual(['c', 'd']);
});

test('one that is too old goes', () => {
  writeFileSync(`${file}.2020-01-01T00:00:00.000Z`, 'old');
  utimesSync(`${file}.2020-01-01T00:00:00.000Z`, 1_577_836_800, 1_577_836_800);
  writeFileSync(file, 'x'.repeat(100));
  rotate(file, limits);
  expect(aside().filter(name => name.includes('2020'))).toEqual([]);
});

test('while another process rotates, and after one was killed doing so', () => {
  writeFileSync(file, 'x'.repeat(100));
  mkdirSync(`${file}.lock`);
  rotate(file, limits);
  expect(existsSync(file)).toBe(true);
  utimesSync(`${file}.lock`, 0, 0);
  rotate(file, limits);
  expect(existsSync(file)).toBe(false);
  expect(existsSync(`${file}.lock`)).toBe(false);
});

test('a lock that another took for one left behind is no error when it is to go', () => {
  writeFileSync(file, 'x'.repeat(100));
  const fs = process.getBuiltinModule('node:fs');
  const rename = vi.spyOn(fs, 'renameSync').mockImplementation(() => rmdirSync(`${file}.lock`));
  rotate(file, limits);
  expect(rename).toHaveBeenCalledOnce();
  rename.mockRestore();
  expect(existsSync(`${file}.lock`)).toBe(false);
});

test('a directory that cannot be written to is no error', () => {
  rotate('/proc/nothing/veth.log', limits);
  rotate('/proc/cpuinfo', { ...limits, size: 0 });
});

test('processes that write and rotate at once lose no line', async () => {
  const writer = `
    import { appendFileSync } from 'node:fs';
    import { rotate } from ${JSON.stringify(join(import.meta.dirname, 'rotate.ts'))};
    for (let i = 0; i < 200; i++) {
      rotate(${JSON.stringify(file)}, { size: 200, age: 86400000, count: 1000 });
      appendFileSync(${JSON.stringify(file)}, process.argv[2] + ' ' + i + '\\n');
    }`;
  const program = join(directory, 'writer.mjs');
  appendFileSync(program, writer);
  const children = Array.from({ length: 4 }, (_, i) =>
    spawn(process.execPath, [program, String(i)], { stdio: 'inherit' }),
  );
  await Promise.all(children.map(child => once(child, 'exit')));
  rmSync(program);
  const lines = readdirSync(directory).flatMap(name => readFileSync(join(directory, name), 'utf8').trim().split('\n'));
  expect(new Set(lines).size).toBe(800);
  expect(readdirSync(directory).length).toBeGreaterThan(2);
});
