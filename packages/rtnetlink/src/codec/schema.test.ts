import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { addressByFamily, attribute, bit, header, prefix, widened, withDefault } from './field.ts';
import { InvalidField } from './invalid-field.ts';
import { indexed, list } from './list.ts';
import { memoryOf } from './memory.ts';
import { nest, schema } from './schema.ts';
import { ip, named, string, u8, u16, u32 } from './type.ts';
import { Writer } from './writer.ts';

const inner = schema(0, () => ({ size: attribute(1, u16), label: attribute(2, string(8)) }));
const thing = schema(8, () => ({
  family: header(0, named(u8, { unspec: 0, inet: 2, inet6: 10 })),
  up: bit(4, 0x1),
  noisy: bit(4, 0x4),
  dst: prefix(1, 1, 'default'),
  src: prefix(2, 2, 'absent'),
  table: widened(15, 3),
  inner: attribute(5, nest(inner)),
  priority: withDefault(attribute(6, u32), 0),
  gateway: attribute(7, ip),
}));

type Thing = Parameters<typeof thing.write>[1];

function encode(object: Thing): Writer {
  const writer = new Writer();
  thing.write(writer, object);
  return writer;
}

function bytesOf(object: Thing): string {
  const { memory, length } = encode(object);
  return Buffer.from(memory.bytes.subarray(0, length)).toString('hex');
}

function roundTrip(object: Thing) {
  const { memory, length } = encode(object);
  return thing.read(memory, 0, length);
}

const unset = { family: 'unspec', up: false, noisy: false, table: 0, priority: 0 };

describe('an object', () => {
  test('is its header, then its attributes in the order they are given', () => {
    expect(bytesOf({ family: 'inet', gateway: '192.0.2.1', priority: 5 })).toBe(
      `02000000 00000000 ${'0800 0700 c0000201'} ${'0800 0600 05000000'}`.replaceAll(' ', ''),
    );
  });

  test('is read as it was written', () => {
    const object = {
      family: 'inet6',
      up: true,
      noisy: false,
      dst: '2001:db8::/32',
      src: '2001:db8::1/128',
      table: 1234,
      inner: { size: 512, label: 'seven77' },
      priority: 7,
      gateway: 'fe80::1',
    } as const;
    expect(roundTrip(object)).toEqual(object);
  });

  test('has no property for what is not there', () => expect(roundTrip({})).toStrictEqual(unset));

  test('takes undefined as unset', () => expect(bytesOf({ gateway: undefined })).toBe(bytesOf({})));

  test('is read by a view as by toObject', () => {
    const { memory, length } = encode({ dst: '10.0.0.0/8', inner: { size: 1 }, up: true });
    const view = thing.cursor();
    view.moveTo(memory, 0, length);
    const fields = Object.fromEntries(Object.keys(thing.fields).map(name => [name, view[name as 'dst']]));
    expect(view.toObject()).toEqual(fields);
    expect(view.dst).toBe('10.0.0.0/8');
    expect(view.gateway).toBeUndefined();
  });

  test('is read the same when so many were read that the reader is compiled', () => {
    const { memory, length } = encode({ dst: '10.0.0.0/8', inner: { size: 1 }, up: true });
    const first = thing.read(memory, 0, length);
    for (let i = 0; i < 1000; i++) expect(thing.read(memory, 0, length)).toStrictEqual(first);
    const [empty, emptyLength] = [encode({}).memory, encode({}).length];
    expect(thing.read(empty, 0, emptyLength)).toStrictEqual(unset);
  });

  test('is read the same when the program may not generate code', () => {
    vi.stubGlobal(
      'Function',
      class {
        constructor() {
          throw new EvalError();
        }
      },
    );
    onTestFinished(() => void vi.unstubAllGlobals());
    const small = schema(0, () => ({ size: attribute(1, u16) }));
    const memory = memoryOf([6, 0, 1, 0, 5, 0, 0, 0]);
    for (let i = 0; i < 1000; i++) expect(small.read(memory, 0, 8)).toStrictEqual({ size: 5 });
  });

  test('without room for its header cannot be read', () =>
    expect(() => thing.read(encode({}).memory, 0, 7)).toThrow('7 bytes where a header takes 8'));
});

test('fields of the rest are read, written and named like those before them', () => {
  const extended = schema(8, () => ({ size: attribute(9, u16) }), thing);
  const writer = new Writer();
  extended.write(writer, { size: 1, gateway: '192.0.2.1' });
  const { memory, length } = writer;
  expect(extended.read(memory, 0, length)).toEqual({ ...unset, size: 1, gateway: '192.0.2.1' });
  expect(extended.fieldOf(7)).toBe('gateway');
  expect(() => extended.write(writer, { sise: 1 } as never)).toThrow(
    /sise: unknown field; known are size, family, up, .*gateway$/,
  );
});

test('a selection of fields is kept while others are few, and not for ever', () => {
  const first = thing.entriesOf(['dst', 'table']);
  expect(thing.entriesOf(['dst', 'table'])).toBe(first);
  for (let i = 1; i < 100; i++) thing.entriesOf(Array<string>(i).fill('dst'));
  const again = thing.entriesOf(['dst', 'table']);
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});

test('attributes of any type are found', () => {
  const far = schema(0, () => ({ low: attribute(1, u8), high: attribute(0x3fff, u8), middle: attribute(300, u8) }));
  const writer = new Writer();
  far.write(writer, { high: 1, low: 2, middle: 3 });
  expect(far.read(writer.memory, 0, writer.length)).toEqual({ high: 1, low: 2, middle: 3 });
});

describe('attributes', () => {
  function read(hex: string) {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    return thing.read(memoryOf(bytes), 0, bytes.length);
  }
  const head = '00000000 00000000';

  test('that are too short for their type are left out, and the rest is read', () =>
    expect(read(`${head} 0600 0600 05000000 0800 0700 c0000201`)).toEqual({ ...unset, gateway: '192.0.2.1' }));

  test('that are shorter than the length of their prefix are left out', () => {
    expect(read('02200000 00000000 0800 0100 0a000001').dst).toBe('10.0.0.1/32');
    expect(read('02210000 00000000 0800 0100 0a000001').dst).toBeUndefined();
  });

  test('that are longer than their type are read as far as it goes', () =>
    expect(read(`${head} 0c00 0600 05000000 ffffffff`).priority).toBe(5));

  test('of an unknown type are left out', () => expect(read(`${head} 0800 ff00 05000000`)).toEqual(unset));

  test('are read without the bits that tell nesting and byte order', () =>
    expect(read(`${head} 0800 0640 05000000`).priority).toBe(5));

  test('that reach beyond the object end it', () => {
    expect(read(`${head} 0800 0600 05000000 0900 0700 c0000201`)).toEqual({ ...unset, priority: 5 });
    expect(read(`${head} 0000 0600 05000000`)).toEqual(unset);
    expect(read(`${head} 0800 0600 05000000 0800`)).toEqual({ ...unset, priority: 5 });
  });

  test('stand on even bytes', () =>
    expect(() => thing.read(memoryOf(Array(20).fill(0)), 1, 20)).toThrow('attributes at byte 9, which is odd'));

  test('given twice count as the kernel counts them: the last', () =>
    expect(read(`${head} 0800 0600 05000000 0800 0600 06000000`).priority).toBe(6));

  test('within attributes are read likewise', () =>
    expect(read(`${head} 0c00 0500 0600 0100 0200 0000`).inner).toEqual({ size: 2 }));
});

describe('prefixes', () => {
  test.each([
    ['0.0.0.0/0', 'inet', '0.0.0.0/0'],
    ['::/0', 'inet6', '::/0'],
  ] as const)('of length 0, %s, are left out and read from the family', (dst, family, read) => {
    expect(encode({ family, dst }).length).toBe(8);
    expect(roundTrip({ family, dst }).dst).toBe(read);
  });

  test('without a length are a single address', () => {
    expect(roundTrip({ src: '192.0.2.1' }).src).toBe('192.0.2.1/32');
    expect(roundTrip({ src: '::1' }).src).toBe('::1/128');
  });

  test.each(['10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/1/2', '/8', ''])(
    'are not %j',
    dst => expect(() => encode({ dst })).toThrow(InvalidField),
  );
});

describe('a number that outgrew the header', () => {
  test('stands in the header where it fits', () => expect(bytesOf({ table: 255 })).toBe('000000ff00000000'));
  test('stands in an attribute where it does not, and leaves the header 0', () =>
    expect(bytesOf({ table: 256 })).toBe(`0000000000000000${'08000f0000010000'}`));
  test('is read from the header where there is nothing else', () => {
    expect(thing.read(memoryOf([0, 0, 0, 254, 0, 0, 0, 0]), 0, 8).table).toBe(254);
  });
});

describe('bits', () => {
  const flags = schema(8, () => ({ up: bit(0, 0x1, 4), quiet: bit(0, 0x2, 4), told: bit(0, 0x4) }));
  const written = (object: Parameters<typeof flags.write>[1]) => {
    const writer = new Writer();
    flags.write(writer, object);
    return [...writer.memory.bytes.subarray(0, 8)];
  };

  test('are set and cleared one by one', () =>
    expect(written({ up: true, told: true })).toEqual([5, 0, 0, 0, 1, 0, 0, 0]));
  test('say which of them are meant, so that the others stay', () =>
    expect(written({ up: false, quiet: true })).toEqual([2, 0, 0, 0, 3, 0, 0, 0]));
});

describe('a bad value', () => {
  function refusal(object: object): InvalidField {
    try {
      encode(object as Thing);
    } catch (error) {
      if (error instanceof InvalidField) return error;
      throw error;
    }
    throw new Error('not refused');
  }

  test('is named by its field', () => {
    expect(refusal({ gateway: '1.2.3' })).toMatchObject({ path: 'gateway', reason: 'not an IP address: "1.2.3"' });
    expect(refusal({ family: 'inet7' }).message).toBe('family: "inet7" is not one of unspec, inet, inet6, or a number');
  });

  test('is named by its path where it is nested', () =>
    expect(refusal({ inner: { size: 65536 } })).toMatchObject({
      path: 'inner.size',
      reason: '65536 is not an integer from 0 to 65535',
    }));

  test('is one of another type too', () => {
    expect(refusal({ gateway: 5 }).reason).toBe('not an IP address: 5');
    expect(refusal({ up: 'no' }).reason).toBe('"no" is neither true nor false');
    expect(refusal({ inner: 'x' }).reason).toBe('"x" is not an object');
    expect(refusal({ dst: null }).reason).toBe('not an IP address: null');
  });

  test('is a field that does not exist, and those that do are told', () =>
    expect(refusal({ gatway: '192.0.2.1' }).message).toBe(
      'gatway: unknown field; known are family, up, noisy, dst, src, table, inner, priority, gateway',
    ));

  test('is a property of every object', () => expect(refusal({ toString: 1 }).reason).toMatch('unknown field'));
});

describe('a byte of an object', () => {
  const { memory, length } = encode({ priority: 1, inner: { label: 'a', size: 2 }, gateway: '192.0.2.1' });
  const fieldAt = (offset: number) => thing.fieldAt(memory, 0, length, offset)?.path;

  test('belongs to a header field', () => expect(fieldAt(0)).toBe('family'));
  test('belongs to an attribute, be it its head or its value', () =>
    expect([8, 12].map(fieldAt)).toEqual(['priority', 'priority']));
  test('belongs to an attribute in an attribute', () => {
    expect(fieldAt(16)).toBe('inner');
    expect(fieldAt(20)).toBe('inner.label');
    expect(fieldAt(28)).toBe('inner.size');
  });
  test('belongs to an address of either family', () => {
    const remote = schema(0, () => ({ remote: addressByFamily(9, 2) }));
    for (const address of ['192.0.2.1', '2001:db8::1']) {
      const writer = new Writer();
      remote.write(writer, { remote: address });
      expect(remote.read(writer.memory, 0, writer.length)).toEqual({ remote: address });
      expect(remote.fieldAt(writer.memory, 0, writer.length, 4)?.path).toBe('remote');
    }
  });

  test('belongs to one of a list', () => {
    const lists = schema(4, () => ({ names: attribute(1, list(7, string(8))), targets: attribute(2, indexed(u32)) }));
    const writer = new Writer();
    lists.write(writer, { names: ['a', 'bc'], targets: [1, 2] });
    const at = (offset: number) => lists.fieldAt(writer.memory, 0, writer.length, offset)?.path;
    expect([4, 8, 12, 16, 20].map(at)).toEqual(['names', 'names.0', 'names.0', 'names.1', 'names.1']);
    expect([24, 28, 36].map(at)).toEqual(['targets', 'targets.0', 'targets.1']);
  });

  test('belongs to nothing beyond the object', () => expect(fieldAt(length)).toBeUndefined());
});
