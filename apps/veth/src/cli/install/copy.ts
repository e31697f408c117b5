import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * Bytes: a huge page. What is written in such pieces lies in the page cache in such pieces, on file systems that can
 * (XFS, ext4 since Linux 6.16), and the executable, made for it, starts faster.
 */
const piece = 2 * 1024 * 1024;

/** Makes a new file with the bytes of another, which are on the disk when it returns. @throws Error EEXIST where there is one. */
export function copy(source: string, target: string): void {
  const from = openSync(source, 'r');
  try {
    const to = openSync(target, 'wx', 0o755);
    try {
      const bytes = Buffer.alloc(piece);
      for (let length = read(from, bytes); length > 0; length = read(from, bytes)) write(to, bytes.subarray(0, length));
      fsyncSync(to);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

/** Fills the bytes as far as there is something to read. */
function read(fd: number, bytes: Buffer): number {
  let length = 0;
  for (let count = -1; count !== 0 && length < bytes.length; length += count)
    count = readSync(fd, bytes, length, bytes.length - length, null);
  return length;
}

function write(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
