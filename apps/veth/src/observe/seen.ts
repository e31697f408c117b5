// What is read of links and addresses.
import { type Address, addressFlags, type Link, type Selected } from '@spider/rtnetlink';
import { bare } from '../prefix.ts';

/** They have much more, and reading that would take longer than anything else here. */
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
export type SeenLink = Selected<Link, (typeof linkFields)[number]>;

export const addressFields = ['address', 'family', 'scope', 'index', 'flags'] as const;
export type SeenAddress = Pick<Address, (typeof addressFields)[number]>;

export function addressOf({ address }: Pick<Address, 'address'>): string {
  return bare(address!);
}

/** Neither failed nor about to go: what new connections may use. An IPv6 privacy address is gone tomorrow. */
export function isUsable({ address, family, scope, flags }: SeenAddress): boolean {
  const { temporary, dadfailed, deprecated, tentative } = addressFlags;
  const unusable = family === 'inet6' ? temporary | dadfailed | deprecated | tentative : deprecated;
  return address !== undefined && scope === 'global' && (flags & unusable) === 0;
}
