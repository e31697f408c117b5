// Which fields of links and addresses are read.
import { type Address, addressFlags, type Link, type Selected, withoutLength } from '@spider/rtnetlink';

/** Links have many more, and decoding all of them would take longer than everything else here. */
export const linkFields = [
  'index',
  'name',
  'up',
  'address',
  'mtu',
  'txqueuelen',
  'alias',
  'altNames',
  'info.kind',
  'link',
  'linkNetnsid',
  'master',
] as const;
export type ObservedLink = Selected<Link, (typeof linkFields)[number]>;

export const addressFields = ['address', 'family', 'scope', 'index', 'flags'] as const;
export type ObservedAddress = Pick<Address, (typeof addressFields)[number]>;

export function addressOf({ address }: Pick<Address, 'address'>): string {
  return withoutLength(address!);
}

/** True for a global address that new connections may use. Not for an IPv6 privacy address, which soon expires. */
export function isUsable({ address, family, scope, flags }: ObservedAddress): boolean {
  const { temporary, dadfailed, deprecated, tentative } = addressFlags;
  const unusable = family === 'inet6' ? temporary | dadfailed | deprecated | tentative : deprecated;
  return address !== undefined && scope === 'global' && (flags & unusable) === 0;
}
