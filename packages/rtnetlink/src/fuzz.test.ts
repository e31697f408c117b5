// Reads bytes that no kernel sends with every schema.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidField } from './codec/invalid-field.ts';
import { memoryOf } from './codec/memory.ts';
import { type Fields, Schema } from './codec/schema.ts';
import { Writer } from './codec/writer.ts';
import { link, NetlinkError, Rtnetlink, route } from './index.ts';
import { kinds, ports } from './link/kinds.ts';
import { messages } from './messages.ts';
import { fakeKernel } from './testing/fake-kernel.ts';

type Bytes = readonly number[];

const anything = fc.uint8Array({ maxLength: 40 }).map(bytes => [...bytes]);
const text = fc.constantFrom('veth', 'bridge', 'eth0', '').map(word => [...Buffer.from(`${word}\0`)]);
const address = fc.oneof(
  ...[4, 6, 16].map(length => fc.uint8Array({ minLength: length, maxLength: length }).map(bytes => [...bytes])),
);

/** An attribute of correct or wrong length, of known or unknown type. */
function attributeOf(id: fc.Arbitrary<number>, payload: fc.Arbitrary<Bytes>): fc.Arbitrary<Bytes> {
  const mistake = fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -4, max: 8 }) },
  );
  return fc.tuple(id, payload, mistake).map(([type, bytes, wrong]) => {
    const length = Math.max(0, 4 + bytes.length + wrong);
    return [length & 255, length >> 8, type & 255, type >> 8, ...bytes, ...Array((4 - (bytes.length % 4)) % 4).fill(0)];
  });
}

const empty = new Writer().memory;

/** Attributes of a list, whose types are equal or count up. */
const members = fc
  .array(attributeOf(fc.nat(6), fc.oneof(anything, attributeOf(fc.nat(12), anything))), { maxLength: 4 })
  .map(parts => parts.flat());

/** Attributes that the schema has, with the nested attributes that it has. */
function attributesOf(schema: Schema<Fields>, depth: number): fc.Arbitrary<Bytes> {
  const known = Object.values(schema.fields).flatMap(({ id, type }) => {
    if (id === undefined) return [];
    const inner = type?.schemaAt?.(empty, 0, 0);
    const deeper = inner && depth > 0 ? [inner instanceof Schema ? objectOf(inner, depth - 1) : members] : [];
    const payload = [anything, text, address, ...deeper];
    return [attributeOf(fc.constant(id), fc.oneof(...payload))];
  });
  const unknown = attributeOf(fc.nat(0xffff), anything);
  return fc.array(fc.oneof(...known, unknown), { maxLength: 8 }).map(parts => parts.flat());
}

function objectOf(schema: Schema<Fields>, depth = 3): fc.Arbitrary<Bytes> {
  const header = fc.uint8Array({ minLength: schema.headerSize, maxLength: schema.headerSize });
  return fc.tuple(header, attributesOf(schema, depth)).map(([head, rest]) => [...head, ...rest]);
}

/** Reads an object that has other bytes before and after it. */
function read(schema: Schema<Fields>, bytes: Bytes, around: number): object {
  const memory = memoryOf([...Array(8).fill(around), ...bytes, ...Array(8).fill(around)]);
  return schema.read(memory, 8, 8 + bytes.length);
}

function encode(schema: Schema<Fields>, object: object): Bytes | undefined {
  const writer = new Writer();
  try {
    schema.write(writer, object);
  } catch (error) {
    // A value that is longer than its field allows, or empty, is refused by name.
    if (error instanceof InvalidField) return undefined;
    throw error;
  }
  return [...writer.memory.bytes.subarray(0, writer.length)];
}

const schemas: [string, Schema<Fields>][] = [
  ...messages.map(message => [message.kind, message] as [string, Schema<Fields>]),
  // Some kinds share the fields of another kind.
  ...[...new Map(Object.entries<() => Fields>(kinds).map(([kind, fields]) => [fields, kind]))].map(
    ([fields, kind]) => [`data of ${kind}`, new Schema(0, fields)] as [string, Schema<Fields>],
  ),
  ...Object.entries<() => Fields>(ports).map(
    ([kind, fields]) => [`data of a port of ${kind}`, new Schema(0, fields)] as [string, Schema<Fields>],
  ),
];

describe.each(schemas)('%s', (_, schema) => {
  const { headerSize } = schema;

  test('reads whatever bytes, and none but its own', () => {
    const bytes = fc.oneof(
      objectOf(schema),
      fc.uint8Array({ minLength: headerSize, maxLength: 400 }).map(all => [...all]),
    );
    fc.assert(
      fc.property(bytes, all => {
        expect(read(schema, all, 0x00)).toEqual(read(schema, all, 0xff));
      }),
    );
  });

  test('writes the same again of what it wrote of what it read', () => {
    fc.assert(
      fc.property(objectOf(schema), all => {
        const written = encode(schema, read(schema, all, 0));
        if (written) expect(encode(schema, read(schema, written, 0xff))).toEqual(written);
      }),
    );
  });

  test('views what it reads, field by field', () => {
    fc.assert(
      fc.property(objectOf(schema), all => {
        const view = schema.cursor();
        view.moveTo(memoryOf(all), 0, all.length);
        const viewed: Record<string, unknown> = {};
        for (const name of Object.keys(schema.fields))
          if (view[name as keyof typeof view] !== undefined) viewed[name] = view[name as keyof typeof view];
        expect(viewed).toEqual(read(schema, all, 0));
      }),
    );
  });

  test('refuses whatever values do not fit, by name', () => {
    const value = fc.oneof(fc.jsonValue(), fc.bigInt(), fc.constant(undefined), fc.uint8Array());
    const object = fc.dictionary(fc.constantFrom(...Object.keys(schema.fields), 'nothing', 'toString'), value, {
      maxKeys: 4,
    });
    fc.assert(
      fc.property(object, input => {
        // Any other error than InvalidField fails the test.
        const written = encode(schema, input);
        if (written) expect(read(schema, written, 0)).toEqual(expect.any(Object));
      }),
    );
  });
});

test('whatever a kernel answers, a request gives a result or a NetlinkError, and the socket serves on', () => {
  const answers = fc.array(
    fc.tuple(
      fc.constantFrom(0, 2, 3, 16, 24),
      fc.nat(0xffff),
      fc.boolean(),
      fc.uint8Array({ maxLength: 60 }),
      fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -20, max: 20 }) }),
    ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(
      answers,
      fc.constantFrom(link.list(), route.list({ oif: 2 }), link.set({ index: 2, mtu: 5 })),
      (list, request) => {
        const nl = Rtnetlink.open(
          fakeKernel({
            [request.operation]: (_, sent) => ({
              datagrams: list.map(([type, flags, ours, payload, wrong]) => {
                const bytes = new Uint8Array(16 + payload.length);
                const view = new DataView(bytes.buffer);
                view.setUint32(0, Math.max(0, bytes.length + wrong), true);
                view.setUint16(4, type, true);
                view.setUint16(6, flags, true);
                view.setUint32(8, ours ? sent.sequence : 77, true);
                bytes.set(payload, 16);
                return bytes;
              }),
            }),
            'link.get': () => [{ index: 2 }],
          }),
        );
        // Messages that the kernel sent after the first answer must not disturb the second request.
        for (const next of [request, link.get({ index: 2 })]) {
          try {
            nl.settle([next]);
          } catch (error) {
            expect(error).toBeInstanceOf(NetlinkError);
          }
        }
        expect(nl.execute(link.get({ index: 2 }))).toMatchObject({ index: 2 });
      },
    ),
    { numRuns: 1000 },
  );
});
