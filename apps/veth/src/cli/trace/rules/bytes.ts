// Bytes of a packet, some of which may be unknown, and three-valued comparisons of them.

export type Bytes = readonly (number | undefined)[];

/** Undefined if it depends on unknown bytes. */
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

/** Compares in network byte order: less than 0, 0, or more; undefined if it depends on unknown bytes. */
export function order(bytes: Bytes, others: Bytes): number | undefined {
  for (const [i, other] of others.entries()) {
    const byte = bytes[i];
    if (byte === undefined || other === undefined) return undefined;
    if (byte !== other) return byte - other;
  }
  return 0;
}

/** `(bytes & mask) ^ xor`. Unknown bytes that are masked out become known. */
export function masked(bytes: Bytes, mask: Bytes, xor: Bytes): Bytes {
  return bytes.map((byte, i) => {
    const [kept = 255, flipped = 0] = [mask[i], xor[i]];
    if (byte === undefined) return kept === 0 ? flipped : undefined;
    return (byte & kept) ^ flipped;
  });
}

export function xor(bytes: Bytes, others: Bytes): Bytes {
  return bytes.map((byte, i) => (byte === undefined || others[i] === undefined ? undefined : byte ^ others[i]));
}

export function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** Two bytes in network order. */
export function short(value: number): Bytes {
  return [value >> 8, value & 255];
}

/** Four bytes in host order, as in the registers of nf_tables. */
export function long(value: number): Bytes {
  return [...new Uint8Array(Uint32Array.of(value).buffer)];
}

/** The number that four bytes in host order make; undefined if one of them is unknown. */
export function numberOf(bytes: Bytes): number | undefined {
  return bytes.includes(undefined)
    ? undefined
    : new DataView(Uint8Array.from(bytes as number[]).buffer).getUint32(0, true);
}
