import { expect, test } from 'vitest';
import { kernel } from '../test/kernel.ts';
import { attribute } from './codec/field.ts';
import { message } from './codec/message.ts';
import { binary, u16, u32 } from './codec/type.ts';
import { verbs } from './request.ts';
import { ruleMessage } from './rule.ts';

/** Rules, with attributes of wrong widths. */
const wrong = message({
  kind: 'rule',
  types: ruleMessage.types,
  headerSize: ruleMessage.headerSize,
  fields: () => ({
    family: ruleMessage.fields.family,
    action: ruleMessage.fields.action,
    tunId: attribute(12, u32),
    iif: attribute(3, binary),
    ipProto: attribute(22, binary),
    mark: attribute(10, u16),
  }),
});
const { add } = verbs(wrong);

test.each([
  ['tunId', { tunId: 5 }, '8 bytes'],
  ['mark', { mark: 5 }, '4 bytes'],
  ['ipProto', { ipProto: new Uint8Array(0) }, '1 byte'],
  ['iif', { iif: new Uint8Array(20).fill(65) }, 'text, at most 15 bytes'],
] as const)('the kernel tells which width it wants of %s', (field, object, wanted) => {
  const [{ error }] = kernel.settle([add({ family: 'inet', action: 'table', ...object })]);
  expect(error).toMatchObject({ code: expect.stringMatching(/^(ERANGE|EINVAL)$/), field, wanted });
});
