/** Bytes with three ways to look at them; made once per buffer. */
export interface Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Each two bytes as a number: what the headers of attributes are made of. */
  readonly u16: Uint16Array;
}

/**
 * Memory that the kernel may write to. It lives in an ArrayBuffer of its own: runtimes move small typed arrays when
 * their `.buffer` is first touched, and a write through the old address would be lost.
 */
export function allocate(size: number): Memory {
  const buffer = new ArrayBuffer(size);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), u16: new Uint16Array(buffer, 0, size >> 1) };
}

/** Memory with a copy of these bytes. */
export function memoryOf(bytes: ArrayLike<number>): Memory {
  const memory = allocate(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

// Numbers are read and written in host order, which this package takes to be little-endian (x64, arm64, riscv64).
if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1)
  throw new Error('@spider/rtnetlink: big-endian machines are not supported');
