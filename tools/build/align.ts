// Moves the segments of an executable within its file so that the kernel can map them with huge pages. For that, what is on a
// boundary of a huge page in memory must be on one in the file. Linkers see to it for small pages alone, and then each run
// maps some 300 pieces of 64 KiB where it could map 40 of 2 MiB.
import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes: what one entry of a page table's second level maps, on x64 and on arm64 with pages of 4 KiB. */
export const hugePage = 2 * 1024 * 1024;

/** PT_LOAD of elf(5). */
const loaded = 1;

/** A segment that is mapped: where it stands in the file and in memory, and on which boundaries both must be alike. */
export interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly alignment: number;
}

/** The segments of an executable that are mapped, by their addresses. @throws Error where it is none of 64 bits (elf(5)). */
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
  // Written at once, so that it lies in memory in pieces as large as a huge page, on file systems that can.
  writeFileSync(file, aligned(readFileSync(file)));
}

/** The same executable with its segments on boundaries of huge pages. */
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

/** A part of the file that moves as a whole, from the page where a segment begins. */
interface Piece {
  readonly from: number;
  readonly to: number;
  /** Bytes towards the end. */
  readonly by: number;
}

function piecesOf(elf: Buffer): Piece[] {
  const segments = loadedSegments(elf);
  const pieces: Piece[] = [];
  let end = 0;
  for (const [i, { offset, address, size, alignment }] of segments.entries()) {
    // Whole pages are mapped: one in which a segment ends and the next begins goes with both.
    const from = down(offset, alignment);
    const to = i + 1 < segments.length ? up(offset + size, alignment) : elf.length;
    const start = up(end, alignment);
    const by = start + modulo(down(address, alignment) - start, hugePage) - from;
    // The ELF header is at the beginning, and so is what it tells of.
    if (i === 0 && by !== 0) throw new Error('the first segment is not on a boundary of a huge page');
    pieces.push({ from, to, by });
    end = to + by;
  }
  return pieces;
}

/** Where the program headers stand. */
function* programHeaders(elf: Buffer): Generator<number> {
  // The magic, 64 bits, little-endian.
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
