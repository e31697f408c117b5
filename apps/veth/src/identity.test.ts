import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aliasOf, attachmentOf, isAliasOf, namesOf } from './identity.ts';

const containerID = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,80}$/);

test('names are ones that the kernel takes, and depend on the container ID alone', () => {
  fc.assert(
    fc.property(containerID, id => {
      const names = namesOf(id);
      expect(names.hostName).toMatch(/^veth[0-9a-z]{11}$/);
      expect(names).toEqual(namesOf(id));
    }),
  );
});

test('hardware addresses are unicast and locally administered, and differ between the ends', () => {
  fc.assert(
    fc.property(containerID, id => {
      const { hostAddress, podAddress } = namesOf(id);
      for (const address of [hostAddress, podAddress]) {
        expect(address).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
        expect(Number.parseInt(address.slice(0, 2), 16) & 0b11).toBe(0b10);
      }
      expect(hostAddress).not.toBe(podAddress);
    }),
  );
});

test('IDs that share a long prefix, or differ in one character, get different names', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `default-cnitool-${'0'.repeat(40)}${i}`);
  expect(new Set(ids.map(id => namesOf(id).hostName)).size).toBe(ids.length);
  expect(new Set(ids.map(id => namesOf(id).hostAddress)).size).toBe(ids.length);
});

const attachment = { containerID: 'c'.repeat(64), ifName: 'net1', network: 'underlay' };

test('an alias tells the attachment it was made from', () => {
  expect(aliasOf(attachment, 'default/web-0')).toBe(`veth ${attachment.containerID} net1 underlay default/web-0`);
  expect(attachmentOf(aliasOf(attachment, 'default/web-0'))).toEqual(attachment);
  expect(attachmentOf(aliasOf(attachment, undefined))).toEqual(attachment);
});

test('the alias of another NIC, or of a network whose name begins alike, is not this attachment’s', () => {
  const alias = aliasOf(attachment, 'default/web-0');
  expect(isAliasOf(alias, attachment)).toBe(true);
  expect(isAliasOf(alias, { ...attachment, ifName: 'net' })).toBe(false);
  expect(isAliasOf(alias, { ...attachment, network: 'under' })).toBe(false);
  expect(isAliasOf(undefined, attachment)).toBe(false);
});

test('a pod name that does not fit is cut; the attachment is kept', () => {
  const alias = aliasOf(attachment, `${'n'.repeat(63)}/${'p'.repeat(253)}`);
  expect(alias).toHaveLength(255);
  expect(isAliasOf(alias, attachment)).toBe(true);
});

test('an alias that somebody else gave is nobody’s attachment', () => {
  expect(attachmentOf('uplink to rack 7')).toBeUndefined();
  expect(attachmentOf(undefined)).toBeUndefined();
});
