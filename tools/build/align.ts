// Moves the segments of an executable within its file so that the kernel can map them with huge pages. This requires that
// positions in the file and in memory are equal modulo the size of a huge page. Linkers ensure that for small pages only,
// so that each run would map some 300 pieces of 64 KiB rather than 40 of 2 MiB.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Size in bytes of a huge page: the memory that a second-level entry of a page table maps, on x64 and on arm64 with pages
 * of 4 KiB.
 */
export const hugePage = 2 * 1024 * 1024;

/** PT_LOAD of elf(5). */
const loaded = 1;

/** A segment to map: its positions in the file and in memory, which must be equal modulo `alignment`. */
export interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly alignment: number;
}

/**
 * The loadable segments of an executable, in the order of their addresses.
 * @throws Error it is not a 64-bit ELF executable (elf(5))
 */
export function loadedSegments(elf: Buffer): Segment[] {
  return [...programHeaders(elf)]
    .filter(header => elf.readUInt32LE(header) === loaded)
    .map(header => ({
      offset: word(elf, header + 8),
      address: word(elf, header + 16),
      size: word(elf, header + 32),
      alignment: word(elf, header + 48),
    }));
}

/** Aligns the executable in this file. */
export function align(file: string): void {
  // Written by one call, so that file systems that support it keep the file in memory in pieces of a huge page.
  writeFileSync(file, aligned(readFileSync(file)));
}

/** The same executable, with its segments aligned to huge pages. */
export function aligned(elf: Buffer): Buffer {
  const pieces = piecesOf(elf);
  const moved = (offset: number) => offset + pieces.findLast(({ from }) => from <= offset)!.by;
  const last = pieces.at(-1)!;
  const result = Buffer.alloc(last.to + last.by);
  for (const { from, to, by } of pieces) elf.copy(result, from + by, from, to);

  for (const header of programHeaders(elf)) setWord(result, header + 8, moved(word(elf, header + 8)));
  const sections = moved(word(elf, 40));
  setWord(result, 40, sections);
  const [size, count] = [elf.readUInt16LE(58), elf.readUInt16LE(60)];
  for (let i = 0; i < count; i++) {
    const at = sections + i * size + 24;
    setWord(result, at, moved(word(result, at)));
  }
  return result;
}

/** A part of the file that is moved as a whole. It starts at the page in which a segment begins. */
interface Piece {
  readonly from: number;
  readonly to: number;
  /** Bytes to move it towards the end of the file. */
  readonly by: number;
}

function piecesOf(elf: Buffer): Piece[] {
  const segments = loadedSegments(elf);
  const pieces: Piece[] = [];
  let end = 0;
  for (const [i, { offset, address, size, alignment }] of segments.entries()) {
    // The kernel maps whole pages: a page that contains the end of a segment and the start of the next one belongs to
    // both.
    const from = down(offset, alignment);
    const to = i + 1 < segments.length ? up(offset + size, alignment) : elf.length;
    const start = up(end, alignment);
    const by = start + modulo(down(address, alignment) - start, hugePage) - from;
    // The ELF header and the program headers must stay at the beginning.
    if (i === 0 && by !== 0) throw new Error('the first segment is not on a boundary of a huge page');
    pieces.push({ from, to, by });
    end = to + by;
  }
  return pieces;
}

/** Offsets of the program headers. */
function* programHeaders(elf: Buffer): Generator<number> {
  // Magic number, 64-bit, little-endian.
  if (elf.toString('latin1', 0, 6) !== '\x7fELF\x02\x01')
    throw new Error('no ELF executable for 64 bits, little-endian');
  const [first, size, count] = [word(elf, 32), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  for (let i = 0; i < count; i++) yield first + i * size;
}

function word(elf: Buffer, at: number): number {
  return Number(elf.readBigUInt64LE(at));
}

function setWord(elf: Buffer, at: number, value: number): void {
  elf.writeBigUInt64LE(BigInt(value), at);
}

function down(value: number, boundary: number): number {
  return value - (value % boundary);
}

function up(value: number, boundary: number): number {
  return Math.ceil(value / boundary) * boundary;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
