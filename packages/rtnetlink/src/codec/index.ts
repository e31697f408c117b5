// The codec that objects are described with. Use it to add kinds of objects, or families of netlink.
export { Extent, walkAttributes } from './extent.ts';
export {
  addressByFamily,
  asked,
  askedBit,
  attribute,
  bit,
  type Field,
  header,
  NLA_F_NESTED,
  prefix,
  widened,
  withDefault,
} from './field.ts';
export type { FoundField, Inside } from './inside.ts';
export { InvalidField } from './invalid-field.ts';
export { indexed, list } from './list.ts';
export { allocate, type Memory, memoryOf } from './memory.ts';
export { type Definition, Message, type MessageTypes, message } from './message.ts';
export type { Path, Selected } from './path.ts';
export { type Fields, type Input, nest, type Output, Schema, schema, type View } from './schema.ts';
export {
  array,
  type Bytes,
  bareString,
  be16,
  be32,
  be64,
  binary,
  boolean,
  type FixedType,
  flag,
  ip,
  linkAddress,
  named,
  range,
  type SizedType,
  s8,
  s32,
  s64,
  sbe32,
  string,
  struct,
  type Type,
  u8,
  u16,
  u32,
  u64,
  uint,
} from './type.ts';
export { Writer } from './writer.ts';
