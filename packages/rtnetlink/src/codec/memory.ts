/** A buffer with three views of it, which are created once per buffer. */
export interface Memory {
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** Access to numbers of any size. */
  readonly view: DataView;
  /** The bytes in pairs, for quick access to the headers of attributes. */
  readonly u16: Uint16Array;
}

/**
 * Allocates memory that the kernel can write to. It has an ArrayBuffer of its own: runtimes move small typed arrays when
 * their `.buffer` is first accessed, and a write to the old address would be lost.
 */
export function allocate(size: number): Memory {
  const buffer = new ArrayBuffer(size);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), u16: new Uint16Array(buffer, 0, size >> 1) };
}

/** Allocates memory that contains a copy of these bytes. */
export function memoryOf(bytes: ArrayLike<number>): Memory {
  const memory = allocate(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

// Numbers are read and written in host byte order, which this package assumes to be little-endian (x64, arm64, riscv64).
if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
  throw new Error('@spider/rtnetlink: big-endian machines are not supported');
