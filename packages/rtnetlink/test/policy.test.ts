// Asks the kernel which width it wants of each attribute, by sending too little, and holds the schemas against its answers.
import { describe, expect, test } from 'vitest';
import {
  attribute,
  bareString,
  binary,
  type Field,
  type Fields,
  header,
  type Message,
  message,
  nest,
  schema,
  u8,
} from '../src/codec/index.ts';
import { type NetlinkError, verbs } from '../src/index.ts';
import { kinds } from '../src/link/kinds.ts';
import { linkMessage } from '../src/link/link.ts';
import { messages } from '../src/messages.ts';
import { kernel } from './kernel.ts';

/** Sends so many bytes in the attribute, and tells what the kernel says to them. */
type Probe = (size: number) => NetlinkError | undefined;

/** An attribute of the message itself. */
function probeOf({ kind, types, headerSize }: Message<Fields>, family: number, id: number): Probe {
  const fields = () => ({ family: header(0, u8), probe: attribute(id, binary) });
  const { add } = verbs(message({ kind, types, headerSize, fields }));
  return size => kernel.settle([add({ family, probe: new Uint8Array(size) })])[0].error as NetlinkError | undefined;
}

/** An attribute of what a kind of link has of its own. */
function probeOfKind(kind: string, id: number): Probe {
  const data = nest(schema(0, () => ({ probe: attribute(id, binary) })));
  const info = nest(schema(0, () => ({ kind: attribute(1, bareString(15)), data: attribute(2, data) })));
  const { types, headerSize } = linkMessage;
  const { add } = verbs(message({ kind: 'link', types, headerSize, fields: () => ({ info: attribute(18, info) }) }));
  return size =>
    kernel.settle([add({ info: { kind, data: { probe: new Uint8Array(size) } } })])[0].error as NetlinkError;
}

const pointsAt = (error: NetlinkError | undefined) => error?.field?.endsWith('probe') ?? false;

/** Holds one field against the kernel. False where the kernel has no opinion of it. */
function judge({ type }: Field<unknown>, probe: Probe): boolean {
  const { size, max } = type!;
  if (max !== undefined) {
    const refused = probe(4000);
    if (!pointsAt(refused)) return false;
    expect(refused!.wanted).toMatch(new RegExp(`^(text, )?at most ${max} bytes$`));
    return true;
  }
  if (size === undefined) return false;
  const fits = probe(size);
  if (pointsAt(fits) && fits!.code === 'ERANGE') expect(fits!.wanted).toMatch(widthOf(size));
  const short = probe(size - 1);
  if (!pointsAt(short)) return false;
  // Of a struct it only says that it is too short.
  if (short!.wanted !== undefined) expect(short!.wanted).toMatch(widthOf(size));
  return true;
}

const widthOf = (size: number) => new RegExp(`^${size === 1 ? '1 byte' : `${size} bytes`}(,|$)`);

/** Those that the kernel takes or refuses in whatever width, or checks by hand. */
const unjudged: Record<string, readonly string[]> = {
  link: [],
  address: ['label'],
  route: ['pref', 'expires', 'ttlPropagate', 'flow'],
  neighbour: ['netnsid'],
  rule: ['flowLabel', 'flowLabelMask'],
};

const sized = (fields: Fields) =>
  Object.entries(fields).filter(([, { id, type }]) => id !== undefined && (type?.size ?? type?.max) !== undefined);

const families = { inet: 2, inet6: 10 };

describe.each(messages.map(kind => [kind.kind, kind] as const))('%s', (name, kind) => {
  test.each(Object.entries(families))('every attribute has the width that the kernel wants, of %s', (_, family) => {
    const attributes = sized(kind.fields);
    const open = attributes
      .filter(([, field]) => !judge(field, probeOf(kind, family, field.id!)))
      .map(([field]) => field);
    expect(unjudged[name] ?? []).toEqual(expect.arrayContaining(open));
  });
});

/** What this kernel can make. */
const available = Object.keys(kinds).filter(
  kind => !probeOfKind(kind, 0)(0)?.kernelMessage?.startsWith('Unknown device'),
);

test('this kernel has kinds of links to ask about', () => expect(available).toContain('veth'));

describe.each(available)('data of %s', kind => {
  test('every attribute has the width that the kernel wants', () => {
    const attributes = sized(kinds[kind as keyof typeof kinds].fields);
    for (const [name, field] of attributes)
      expect([name, judge(field, probeOfKind(kind, field.id!))]).toEqual([name, true]);
  });
});

test('a schema with a wrong width is found out', () => {
  const rule = messages.find(({ kind }) => kind === 'rule')!;
  const { tunId } = rule.fields;
  const narrow = { ...tunId!, type: { ...tunId!.type!, size: 4 } };
  expect(judge(tunId!, probeOf(rule, 2, 12))).toBe(true);
  expect(() => judge(narrow, probeOf(rule, 2, 12))).toThrow();
});
