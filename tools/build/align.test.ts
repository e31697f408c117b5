import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { align, aligned, hugePage, loadedSegments } from './align.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'align-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe.each([
  ['a small program', '/bin/echo'],
  ['the program that runs this test', process.execPath],
])('%s, aligned,', (_, program) => {
  let file: string;
  let before: Buffer;
  let after: Buffer;
  beforeAll(() => {
    file = join(directory, 'program');
    copyFileSync(program, file);
    chmodSync(file, 0o755);
    before = readFileSync(file);
    align(file);
    after = readFileSync(file);
  });

  test('has all that is mapped on boundaries of huge pages, where it was not before', () => {
    const off = (elf: Buffer) =>
      loadedSegments(elf).filter(({ offset, address }) => (address - offset) % hugePage !== 0);
    expect(off(before)).not.toEqual([]);
    expect(off(after)).toEqual([]);
  });

  test('has the same bytes at the same addresses, but for the headers', () => {
    const segments = loadedSegments(after);
    const [old, now] = [before, after].map(withoutHeaders);
    for (const [i, { offset, address, size, alignment }] of loadedSegments(before).entries()) {
      const moved = segments[i]!;
      // The kernel maps whole pages.
      const head = offset % alignment;
      expect(moved).toEqual({ offset: moved.offset - (moved.offset % alignment) + head, address, size, alignment });
      const found = now!.subarray(moved.offset - head, moved.offset + size);
      expect(found.equals(old!.subarray(offset - head, offset + size))).toBe(true);
    }
  });

  test('runs', () => {
    const told = execFileSync(file, ['--version'], { encoding: 'utf8' });
    expect(told).toBe(execFileSync(program, ['--version'], { encoding: 'utf8' }));
  });

  test('has its sections still', () => {
    expect(sections(after)).toEqual(sections(before));
  });

  test('is not changed by being aligned once more', () => {
    expect(aligned(after).equals(after)).toBe(true);
  });
});

test.each([
  ['a script', Buffer.from('#!/bin/sh\n')],
  ['a program of 32 bits', Buffer.from('\x7fELF\x01\x01', 'latin1')],
  ['a program of the other byte order', Buffer.from('\x7fELF\x02\x02', 'latin1')],
])('%s is refused and stays as it is', (_, bytes) => {
  const file = join(directory, 'other');
  writeFileSync(file, bytes);
  expect(() => align(file)).toThrow('no ELF executable for 64 bits');
  expect(readFileSync(file).equals(bytes)).toBe(true);
});

/** A copy without the ELF header and the program headers. */
function withoutHeaders(elf: Buffer): Buffer {
  return Buffer.from(elf).fill(0, 0, 64 + elf.readUInt16LE(54) * elf.readUInt16LE(56));
}

/** The content of each section, whose position is in the section headers (elf(5)). */
function sections(elf: Buffer): string[] {
  const [first, size, count] = [Number(elf.readBigUInt64LE(40)), elf.readUInt16LE(58), elf.readUInt16LE(60)];
  return Array.from({ length: count }, (_, i) => {
    const header = first + i * size;
    // SHT_NOBITS has no bytes in the file.
    if (elf.readUInt32LE(header + 4) === 8) return '';
    const start = Number(elf.readBigUInt64LE(header + 24));
    return elf.toString('latin1', start, start + Number(elf.readBigUInt64LE(header + 32)));
  });
}
