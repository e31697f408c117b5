export { Address } from './address.ts';
export type { Family } from './family.ts';
export { InterfaceAddress } from './interface-address.ts';
export { MacAddress, MacPrefix } from './mac-address.ts';
export { ParseError } from './parse-error.ts';
export { Prefix } from './prefix.ts';
