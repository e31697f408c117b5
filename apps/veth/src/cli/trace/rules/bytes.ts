// Bytes of a packet, of which some may not be known, and what can be said of them all the same.

export type Bytes = readonly (number | undefined)[];

/** Undefined where that depends on more than is known. */
export type Truth = boolean | undefined;

export function unknown(length: number): Bytes {
  return new Array<undefined>(length).fill(undefined);
}

export function equal(bytes: Bytes, others: Bytes): Truth {
  const compared = others.map((other, i) =>
    bytes[i] === undefined || other === undefined ? undefined : bytes[i] === other,
  );
  return compared.includes(false) ? false : compared.includes(undefined) ? undefined : true;
}

/** Less than 0, 0 or more, as numbers in network order; undefined where that is not known. */
export function order(bytes: Bytes, others: Bytes): number | undefined {
  for (const [i, other] of others.entries()) {
    const byte = bytes[i];
    if (byte === undefined || other === undefined) return undefined;
    if (byte !== other) return byte - other;
  }
  return 0;
}

/** `(bytes & mask) ^ xor`: what is masked out is known, whatever it was. */
export function masked(bytes: Bytes, mask: Bytes, xor: Bytes): Bytes {
  return bytes.map((byte, i) => {
    const [kept = 255, flipped = 0] = [mask[i], xor[i]];
    if (byte === undefined) return kept === 0 ? flipped : undefined;
    return (byte & kept) ^ flipped;
  });
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** Two bytes in network order. */
export function short(value: number): Bytes {
  return [value >> 8, value & 255];
}

/** Four bytes in host order, as numbers stand in registers. */
export function long(value: number): Bytes {
  return [...new Uint8Array(Uint32Array.of(value).buffer)];
}

/** The number of four bytes in host order; undefined where one of them is not known. */
export function numberOf(bytes: Bytes): number | undefined {
  return bytes.includes(undefined)
    ? undefined
    : new DataView(Uint8Array.from(bytes as number[]).buffer).getUint32(0, true);
}
