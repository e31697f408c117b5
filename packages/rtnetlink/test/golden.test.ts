// Compares requests of this package with the messages that iproute2 sends, which tools/nl/record.ts recorded.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Fields, type Message, memoryOf, Schema, walkAttributes } from '../src/codec/index.ts';
import {
  address,
  altName,
  bridgeVlan,
  fdb,
  type LinkInfo,
  link,
  mdb,
  messages,
  neighbour,
  netconf,
  nexthop,
  nexthopBucket,
  nsid,
  operationOf,
  type Request,
  Rtnetlink,
  route,
  rule,
  statistics,
} from '../src/index.ts';
import { kinds, ports } from '../src/link/kinds.ts';

interface Vector {
  readonly command: string;
  readonly operation: string;
  /** The object that the command describes. */
  readonly object: Record<string, unknown>;
  /** Attributes that iproute2 sends although the kernel does not need them, as a path of types: `18.2.13`. */
  readonly needless?: readonly string[];
  /** iproute2 sends other flags, which the kernel ignores for this operation. */
  readonly flagless?: boolean;
  readonly hex: string;
}

const objects = {
  address,
  altName,
  bridgeVlan,
  fdb,
  link,
  mdb,
  neighbour,
  netconf,
  nexthop,
  nexthopBucket,
  nsid,
  route,
  rule,
  statistics,
};

/** JSON has no bigint. */
const revive = (_: string, value: unknown) =>
  typeof value === 'string' && /^[0-9]+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;

const files = globSync(join(import.meta.dirname, 'golden/*.json'));

describe.each(files.map(file => [basename(file, '.json'), file] as const))('%s', (_, file) => {
  const { vectors } = JSON.parse(readFileSync(file, 'utf8'), revive) as { vectors: Vector[] };

  test.each(vectors.map(vector => [vector.command, vector] as const))('%s', (_, vector) => {
    const request = requestOf(vector);
    const theirs = Uint8Array.from(Buffer.from(vector.hex, 'hex'));
    expect(partsOf(bytesOf(request), request.message, vector)).toEqual(partsOf(theirs, request.message, vector));

    const { type, flags, object } = read(theirs, request.message);
    if (!vector.flagless) expect(operationOf(request.message, type, flags)).toBe(vector.operation);
    expect(object).toMatchObject(withoutPrefixes(request.object));
  });
});

/** Fields that iproute2 6.1 has no command for. */
const commandless = ['bridgeVlan.add', 'bridgeVlan.delete', 'mdb.replace', 'rule.append'];

test('every request there is has a golden vector, and every kind of object', () => {
  const recorded = new Set(
    files.flatMap(file =>
      (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors.map(({ operation }) => operation),
    ),
  );
  const requests = Object.entries(objects).flatMap(([kind, verbs]) =>
    Object.keys(verbs).map(verb => `${kind}.${verb}`),
  );
  expect(requests.filter(request => !recorded.has(request))).toEqual(commandless);
  expect(Object.keys(objects)).toEqual(expect.arrayContaining(messages.map(({ kind }) => kind)));
});

test('every kind of link that has fields of its own has a golden vector', () => {
  const { vectors } = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/kinds.json'), 'utf8')) as {
    vectors: { object: { info?: LinkInfo } }[];
  };
  const recorded = new Set(vectors.flatMap(({ object: { info } }) => [info?.kind, info?.slaveKind]));
  const known = [...Object.keys(kinds), ...Object.keys(ports)];
  // iproute2 6.1 does not support the first; the second is created by opening /dev/net/tun.
  expect(known.filter(kind => !recorded.has(kind))).toEqual(['netkit', 'tun']);
});

function requestOf({ operation, object }: Vector): Request<void> {
  const [kind, verb] = operation.split('.') as ['route', 'add'];
  return (objects[kind] as typeof route)[verb](object);
}

/** The messages that a client sends. */
function bytesOf(request: Request<void>): Uint8Array {
  let bytes = new Uint8Array(0);
  const nl = Rtnetlink.open({
    send(sent) {
      bytes = sent.slice();
    },
    receive() {
      throw new Error('sent');
    },
    close() {},
  });
  expect(() => nl.execute(request)).toThrow('sent');
  return bytes;
}

function read(bytes: Uint8Array, kind: Message<Fields>) {
  const memory = memoryOf(bytes);
  const { view } = memory;
  const object = kind.read(memory, 16, bytes.length);
  return { type: view.getUint16(4, true), flags: view.getUint16(6, true), object };
}

type Parts = [type: number, value: string | Parts][];

/** The parts of a message: type, flags, header, and attributes sorted by type, because their order has no meaning. */
function partsOf(bytes: Uint8Array, kind: Message<Fields>, { needless = [], flagless = false }: Vector) {
  const { type, flags } = read(bytes, kind);
  const memory = memoryOf(bytes);

  const attributesOf = (start: number, end: number, { fields, headerSize }: Schema<Fields>, outer: string): Parts => {
    const parts: Parts = headerSize > 0 ? [[-1, hex(bytes.subarray(start, start + headerSize))]] : [];
    walkAttributes(memory, start + headerSize, end, (id, at, length) => {
      const path = `${outer}${id}`;
      if (needless.includes(path)) return;
      const field = Object.values(fields).find(field => field.id === id);
      const inside = field?.insideOf?.(memory, start + headerSize, end) ?? field?.type?.schemaAt?.(memory, at, length);
      const value =
        inside instanceof Schema
          ? attributesOf(at, at + length, inside, `${path}.`)
          : hex(bytes.subarray(at, at + length));
      parts.push([memory.view.getUint16(at - 2, true), value]);
    });
    return parts.toSorted(([a], [b]) => a - b);
  };

  return { type, flags: flagless ? 'free' : flags, attributes: attributesOf(16, bytes.length, kind, '') };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** An address without prefix length is read back with the length. */
function withoutPrefixes({ dst, src, address, ...rest }: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}
