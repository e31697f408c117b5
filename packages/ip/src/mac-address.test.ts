import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addresses } from '../test/arbitraries.ts';
import { Address } from './address.ts';
import { MacAddress } from './mac-address.ts';
import { MacPrefix } from './mac-prefix.ts';
import { Prefix } from './prefix.ts';

const sixBytes = fc.uint8Array({ minLength: 6, maxLength: 6 });

describe('text', () => {
  test.each([
    ['0a:1b:2c:3d:4e:5f', '0a:1b:2c:3d:4e:5f'],
    ['0A-1B-2C-3D-4E-5F', '0a:1b:2c:3d:4e:5f'],
    ['00:00:00:00:00:00', '00:00:00:00:00:00'],
    ['FF:ff:FF:ff:FF:ff', 'ff:ff:ff:ff:ff:ff'],
  ])('%s is written as %s', (given, canonical) => {
    expect(MacAddress.parse(given).toString()).toBe(canonical);
  });

  test.each([
    '',
    '0a:1b:2c:3d:4e',
    '0a:1b:2c:3d:4e:5f:60',
    '0a:1b-2c:3d:4e:5f',
    '0a:1b:2c:3d:4e:5g',
    '0a:1b:2c:3d:4e:5',
    '0a:1b:2c:3d:4e: 5',
    '0a:1b:2c:3d:4e:-5',
    '0a:1b:2c:3d:4e:5f ',
    '0a1b.2c3d.4e5f',
    '0a1b2c3d4e5f',
  ])('%j is no MAC address', given => {
    const reason = 'it must be six pairs of hexadecimal digits with ":" or "-" between them';
    expect(() => MacAddress.parse(given)).toThrow(`not a MAC address: ${JSON.stringify(given)}: ${reason}`);
  });

  test('every address is read back from its text', () => {
    fc.assert(
      fc.property(sixBytes, bytes => {
        const address = MacAddress.fromBytes(bytes);
        expect(MacAddress.parse(address.toString())).toEqual(address);
        expect([...address.toBytes()]).toEqual([...bytes]);
      }),
    );
  });
});

test('other numbers of bytes than 6 are refused', () => {
  expect(() => MacAddress.fromBytes(new Uint8Array(8))).toThrow(new RangeError('a MAC address has 6 bytes, not 8'));
});

test('addresses are equal exactly if all bytes are', () => {
  fc.assert(
    fc.property(sixBytes, fc.nat({ max: 47 }), (bytes, bit) => {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(MacAddress.fromBytes(bytes).equals(MacAddress.fromBytes(bytes))).toBe(true);
      expect(MacAddress.fromBytes(bytes).equals(MacAddress.fromBytes(changed))).toBe(false);
    }),
  );
});

test('the first octet says whether an address is multicast and whether it is locally administered', () => {
  const kind = (text: string) => {
    const { isMulticast, isLocallyAdministered } = MacAddress.parse(text);
    return [isMulticast, isLocallyAdministered];
  };
  expect(kind('00:ff:ff:ff:ff:ff')).toEqual([false, false]);
  expect(kind('01:00:5e:00:00:01')).toEqual([true, false]);
  expect(kind('fe:00:00:00:00:00')).toEqual([false, true]);
  expect(kind('ff:ff:ff:ff:ff:ff')).toEqual([true, true]);
});

describe('of an IP address', () => {
  const made = (prefix: string, address: string) =>
    MacAddress.fromAddress(MacPrefix.parse(prefix), Address.parse(address)).toString();

  test('the last four octets are those of the address', () => {
    expect(made('0a:1b', '10.244.3.255')).toBe('0a:1b:0a:f4:03:ff');
    expect(made('fe-ff', 'fd00::1234:5678')).toBe('fe:ff:12:34:56:78');
  });

  test('the result is never multicast', () => {
    fc.assert(
      fc.property(addresses, address => !MacAddress.fromAddress(MacPrefix.parse('fe:00'), address).isMulticast),
    );
  });
});

describe('modified EUI-64', () => {
  // The example of RFC 4291 appendix A with the MAC address of RFC 2464 section 4.
  test('the link-local address inverts the U/L bit and puts ff:fe in the middle', () => {
    expect(`${MacAddress.parse('34:56:78:9a:bc:de').toLinkLocal()}`).toBe('fe80::3656:78ff:fe9a:bcde');
    expect(`${MacAddress.parse('02:00:00:00:00:01').toLinkLocal()}`).toBe('fe80::ff:fe00:1');
  });

  test('any IPv6 prefix that leaves 64 bits takes the identifier', () => {
    const mac = MacAddress.parse('34:56:78:9a:bc:de');
    expect(`${mac.toEui64Address(Prefix.parse('2001:db8:1:2::/64'))}`).toBe('2001:db8:1:2:3656:78ff:fe9a:bcde');
    expect(mac.toEui64Address(Prefix.parse('fe80::/10')).equals(mac.toLinkLocal())).toBe(true);
  });

  test.each(['10.0.0.0/8', '2001:db8::/65'])('%s has no room for it', prefix => {
    expect(() => MacAddress.parse('34:56:78:9a:bc:de').toEui64Address(Prefix.parse(prefix))).toThrow(
      new RangeError(`${prefix} has no room for an interface identifier of 64 bits`),
    );
  });

  test('the MAC address is found again in the address', () => {
    fc.assert(
      fc.property(sixBytes, bytes => {
        const mac = MacAddress.fromBytes(bytes);
        expect(MacAddress.fromEui64Address(mac.toLinkLocal())).toEqual(mac);
      }),
    );
  });

  test.each(['10.0.0.1', 'fe80::1', 'fe80::ff:ff00:1', 'fe80::ff:fd00:1', 'fe80::fe:fe00:1'])(
    '%s is made of no MAC address',
    address => {
      expect(MacAddress.fromEui64Address(Address.parse(address))).toBeUndefined();
    },
  );
});

test('a MAC address cannot be changed', () => {
  expect(() => Object.assign(MacAddress.parse('34:56:78:9a:bc:de'), { low: 0 })).toThrow(TypeError);
});
