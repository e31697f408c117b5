import { describe, expect, it } from 'vitest';
import { canonicalCIDR, canonicalIP, versionOf } from './address.ts';

describe('an address with prefix length', () => {
  it.each([
    ['1.2.3.4/24', '1.2.3.4/24'],
    ['10.1.2.3/24', '10.1.2.3/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['2001:db8::/32', '2001:db8::/32'],
  ])('C79 keeps its host bits: %s', (text, canonical) => {
    expect(canonicalCIDR(text)).toBe(canonical);
  });

  it('C79 loses zeros before its prefix length', () => {
    expect(canonicalCIDR('10.0.0.1/024')).toBe('10.0.0.1/24');
  });

  it.each([
    ...['', '/', '1.2.3.4', '1.2.3.4/', '/24', '1.2.3/45', '1.2.3.4/99', '1.2.3.4/33', '1.2.3.4/-1', '1.2.3.4/+1'],
    ...['1.2.3.4/2 4', '01.2.3.4/24', '256.2.3.4/24', '1.2.3.4.5/24', '1.2.3.x/24', ' 1.2.3.4/24', '1.2.3.4/24/8'],
    ...['fe80::1%eth0/64', '::/129', ':::/64', '1::2::3/64', '1:2:3:4:5:6:7/64', '1:2:3:4:5:6:7:8:9/64', 'g::/64'],
    ...[
      '12345::/64',
      '1:2:3:4:5:6:7::8:9/64',
      '1:2:3:4::5:6:7:8/64',
      '::1.2.3/64',
      '1.2.3.4::/64',
      '1:/64',
      ':1/64',
      '::1:/64',
    ],
  ])('C79 is not %j', text => {
    expect(canonicalCIDR(text)).toBeUndefined();
  });

  it.each([
    ['FD00:0::5/64', 'fd00::5/64'],
    ['fd00::10.0.0.1/64', 'fd00::a00:1/64'],
    ['0:0:0:0:0:0:0:0/0', '::/0'],
    ['::1/128', '::1/128'],
    ['1::/16', '1::/16'],
    ['2001:db8:0:1:1:1:1:1/64', '2001:db8:0:1:1:1:1:1/64'],
    ['2001:0:0:1:0:0:0:1/64', '2001:0:0:1::1/64'],
    ['2001:db8:0:0:1:0:0:1/64', '2001:db8::1:0:0:1/64'],
    ['1:2:3:4:5:6:7::/64', '1:2:3:4:5:6:7:0/64'],
    ['::ffff:10.0.0.5/120', '10.0.0.5/24'],
    ['::ffff:a00:5/128', '10.0.0.5/32'],
    ['::ffff:10.0.0.5/64', '10.0.0.5/0'],
  ])('C80 is printed canonically: %s', (text, canonical) => {
    expect(canonicalCIDR(text)).toBe(canonical);
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['FE80::0001', 'fe80::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('C81 is printed canonically: %s', (text, canonical) => {
    expect(canonicalIP(text)).toBe(canonical);
  });

  it.each(['', '10.0.0', '10.0.0.1/24', '1.2.3.x', 'fe80::1%eth0', 'localhost'])('C81 is not %j', text => {
    expect(canonicalIP(text)).toBeUndefined();
  });

  it('C70 is of the version in which it is printed', () => {
    expect(versionOf('10.0.0.1')).toBe('4');
    expect(versionOf('fe80::1/64')).toBe('6');
  });
});
