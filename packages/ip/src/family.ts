/** The Internet Protocol version of a value. */
export type Family = 4 | 6;

/** The width of an address of `family` in bits. */
export const familyBits = (family: Family): 32 | 128 => (family === 4 ? 32 : 128);

/** The name of `family` as it stands in messages. */
export const familyName = (family: Family | undefined): string => (family === undefined ? 'IP' : `IPv${family}`);
