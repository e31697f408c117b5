// What iproute2 sends for a command, taken down by tools/nl/record.ts, and what this package calls the same.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Fields, type Message, walkAttributes } from '../src/codec/index.ts';
import {
  address,
  altName,
  link,
  neighbour,
  nsid,
  operationOf,
  type Request,
  Rtnetlink,
  route,
  rule,
} from '../src/index.ts';

interface Vector {
  readonly command: string;
  readonly operation: string;
  /** What the command says, in the order in which iproute2 sends it. */
  readonly object: Record<string, unknown>;
  /** Types of attributes that iproute2 sends though the kernel needs them not, and this package does not send. */
  readonly needless?: readonly number[];
  /** The kernel reads no flags here, and iproute2 sends others. */
  readonly flagless?: boolean;
  readonly hex: string;
}

const objects = { address, altName, link, neighbour, nsid, route, rule };

/** JSON knows no bigint. */
const revive = (name: string, value: unknown) => (name === 'tunId' ? BigInt(value as string) : value);

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

function requestOf({ operation, object }: Vector): Request<void> {
  const [kind, verb] = operation.split('.') as ['route', 'add'];
  return objects[kind][verb](object);
}

/** What a client sends. */
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
  const view = new DataView(bytes.buffer);
  const object = kind.read({ bytes, view }, 16, bytes.length);
  return { type: view.getUint16(4, true), flags: view.getUint16(6, true), object };
}

/** The parts of a message: type, flags, header, and attributes in the order of their types, for that is free. */
function partsOf(bytes: Uint8Array, kind: Message<Fields>, { needless = [], flagless = false }: Vector) {
  const { type, flags } = read(bytes, kind);
  const attributes: [number, string][] = [];
  const view = new DataView(bytes.buffer);
  walkAttributes({ bytes, view }, 16 + kind.headerSize, bytes.length, (id, at, length) => {
    const value = Buffer.from(bytes.subarray(at, at + length)).toString('hex');
    if (!needless.includes(id)) attributes.push([view.getUint16(at - 2, true), value]);
  });
  return {
    type,
    flags: flagless ? 'free' : flags,
    header: Buffer.from(bytes.subarray(16, 16 + kind.headerSize)).toString('hex'),
    attributes: attributes.toSorted(([a], [b]) => a - b),
  };
}

/** An address that was given without the length of its prefix is read with it. */
function withoutPrefixes({ dst, src, address, ...rest }: Record<string, unknown>) {
  return rest;
}
