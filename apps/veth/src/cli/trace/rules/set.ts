// Looks a key up in a set of nf_tables.
import type { SetElements } from '@spider/netfilter';
import { type Bytes, equal, order, type Truth } from './bytes.ts';

export type Element = NonNullable<SetElements['elements']>[number];

export interface Found {
  readonly isThere: Truth;
  /** The matching elements; several if it is not known which of them. */
  readonly elements: readonly Element[];
}

const intervalEnd = 1;
const catchAll = 2;

export function lookUpElement(elements: readonly Element[], key: Bytes): Found {
  const rest = elements.filter(({ flags = 0 }) => flags & catchAll);
  const named = elements.filter(({ flags = 0 }) => !(flags & catchAll));
  const found = named.some(({ flags = 0 }) => flags & intervalEnd) ? inInterval(named, key) : among(named, key);
  if (found.isThere || rest.length === 0) return found;
  return { isThere: true, elements: [...found.elements, ...rest] };
}

function among(elements: readonly Element[], key: Bytes): Found {
  const compared = elements.map(element => ({ element, holds: holds(element, key) }));
  const certain = compared.find(({ holds }) => holds);
  if (certain) return { isThere: true, elements: [certain.element] };
  const possible = compared.filter(({ holds }) => holds === undefined).map(({ element }) => element);
  return { isThere: possible.length > 0 ? undefined : false, elements: possible };
}

/** In a concatenation each part is an interval of its own, padded to 4 bytes. */
function holds({ key, keyEnd }: Element, wanted: Bytes): Truth {
  const first = bytesOf(key);
  if (!keyEnd) return equal(wanted, first);
  const last = bytesOf(keyEnd);
  let truth: Truth = true;
  for (let at = 0; at < first.length; at += 4) {
    const part = wanted.slice(at, at + 4);
    const [above, below] = [order(part, first.slice(at, at + 4)), order(part, last.slice(at, at + 4))];
    if (above === undefined || below === undefined) truth = undefined;
    else if (above < 0 || below > 0) return false;
  }
  return truth;
}

/** Sorted by key, each element begins or ends an interval. A key is inside if the last element before it begins one. */
function inInterval(elements: readonly Element[], key: Bytes): Found {
  const ordered = elements.toSorted((one, other) => order(bytesOf(one.key), bytesOf(other.key)) ?? 0);
  const compared = ordered.map(element => order(key, bytesOf(element.key)));
  if (compared.includes(undefined)) return { isThere: undefined, elements };
  const last = ordered.findLast((_, i) => compared[i]! >= 0);
  return last === undefined || (last.flags ?? 0) & intervalEnd
    ? { isThere: false, elements: [] }
    : { isThere: true, elements: [last] };
}

export function bytesOf(data: { readonly value?: Uint8Array | undefined } | undefined): Bytes {
  return [...(data?.value ?? [])];
}
