import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aliasOf, attachmentName, attachmentNames, isOfContainer, isOfNetwork, namesOf } from './names.ts';

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

test('names are those that earlier versions gave, for what they made is found by them', () => {
  expect(namesOf('425c89ed5bb78a7623fae60fd8a6f648488168740fe82cf6ad34caa4d07aa972')).toEqual({
    hostName: 'vethuny0niexpbq',
    hostAddress: '06:9a:f0:ce:33:2d',
    podAddress: '52:7e:49:d2:2a:eb',
  });
});

test('IDs that share a long prefix, or differ in one character, get different names', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => `default-cnitool-${'0'.repeat(40)}${i}`);
  expect(new Set(ids.map(id => namesOf(id).hostName)).size).toBe(ids.length);
  expect(new Set(ids.map(id => namesOf(id).hostAddress)).size).toBe(ids.length);
});

const attachment = { containerID: 'c'.repeat(64), ifName: 'net1', network: 'underlay' };

test('an attachment’s name tells container, network and interface', () => {
  expect(attachmentName(attachment)).toBe(`${attachment.containerID}@underlay@net1`);
});

test('names fit into a further name of a link, and differ, however long their parts are', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,150}$/);
  fc.assert(
    fc.property(part, part, fc.constantFrom('eth0', 'net1', 'abcdefghijklmno'), (containerID, network, ifName) => {
      const name = attachmentName({ containerID, network, ifName });
      expect(name.length).toBeLessThan(128);
      expect(attachmentNames({ altNames: ['enp3s0', name] })).toEqual([name]);
      expect(isOfContainer(name, containerID)).toBe(true);
      expect(isOfContainer(name, `${containerID}0`)).toBe(false);
      expect(isOfNetwork(name, network)).toBe(true);
      expect(isOfNetwork(name, `${network}0`)).toBe(false);
    }),
  );
});

test('an interface name with an @ in it confuses neither', () => {
  const name = attachmentName({ containerID: 'c1', network: 'underlay', ifName: 'a@other@b' });
  expect(isOfNetwork(name, 'underlay')).toBe(true);
  expect(isOfNetwork(name, 'other')).toBe(false);
});

test('the alias names the pod, or where that is unknown the container', () => {
  expect(aliasOf('c1', 'default/web-0')).toBe('pod default/web-0');
  expect(aliasOf('c1', undefined)).toBe('container c1');
  expect(aliasOf('c1', `${'n'.repeat(63)}/${'p'.repeat(253)}`)).toHaveLength(255);
});
