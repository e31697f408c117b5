/** The Internet Protocol version of a value. */
export type Family = 4 | 6;

/** Width in bits of an address of `family`. */
export const familyBits = (family: Family): 32 | 128 => (family === 4 ? 32 : 128);

/** Name of `family` in error messages. */
export const familyName = (family: Family | undefined): string => (family === undefined ? 'IP' : `IPv${family}`);
