import { expect, test } from 'vitest';
import { MacPrefix } from './mac-prefix.ts';

test.each([
  ['0a:1b', '0a:1b'],
  ['0A-1B', '0a:1b'],
  ['fe:ff', 'fe:ff'],
  ['00:00', '00:00'],
])('%s is read as %s', (given, canonical) => {
  expect(MacPrefix.parse(given).toString()).toBe(canonical);
});

test.each(['', '0a', '0a1b', '0a:1b:', '0a:1b:2c', '0a:1', 'a:1b', '0g:1b', '0a.1b', ' 0a:1b'])(
  '%j is no MAC prefix',
  given => {
    const reason = 'it must be two pairs of hexadecimal digits with ":" or "-" between them';
    expect(() => MacPrefix.parse(given)).toThrow(`not a MAC prefix: ${JSON.stringify(given)}: ${reason}`);
  },
);

test.each([
  ['0b:1b', '0a:1b'],
  ['ff-00', 'fe:00'],
  ['01:00', '00:00'],
])('%s would make multicast addresses', (given, unicast) => {
  expect(() => MacPrefix.parse(given)).toThrow(
    `not a MAC prefix: "${given}": bit 0x01 of the first octet makes multicast addresses; ${unicast} is unicast`,
  );
});

test('prefixes are equal if both octets are', () => {
  expect(MacPrefix.parse('0a:1b').equals(MacPrefix.parse('0A-1B'))).toBe(true);
  expect(MacPrefix.parse('0a:1b').equals(MacPrefix.parse('0a:1c'))).toBe(false);
  expect(MacPrefix.parse('0a:1b').equals(MacPrefix.parse('0c:1b'))).toBe(false);
});
