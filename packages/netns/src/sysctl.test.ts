import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { O_CLOEXEC } from '@spider/libc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { opened } from '../../../tools/test/open-files.ts';
import { NetNs, type NetNsErrorReason } from './index.ts';
import { sysctlFile } from './sysctl.ts';

let pod: NetNs;
beforeAll(() => {
  pod = NetNs.create();
  pod.run(() => spawnSync('ip', ['link', 'add', 'eth0.100', 'type', 'veth', 'peer', 'name', 'eth0']));
});
afterAll(() => pod.close());

const error = (reason: NetNsErrorReason, words: string) =>
  expect.objectContaining({ name: 'NetNsError', reason, message: expect.stringContaining(words) });

describe('a key', () => {
  test.each([
    ['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
    ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/100.rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
    ['net/ipv4/conf/eth0.100/rp_filter', 'net/ipv4/conf/eth0.100/rp_filter'],
  ])('%s is the file %s', (key, file) => {
    expect(new TextDecoder().decode(sysctlFile(key))).toBe(`/proc/sys/${file}\0`);
  });

  test.each([
    '',
    'net',
    'net.',
    'net..x',
    'kernel.hostname',
    '/proc/sys/net/ipv4/ip_forward',
    'net/../kernel/hostname',
    'net/./x',
  ])('is not what %j is', key => {
    expect(() => sysctlFile(key)).toThrow(`${JSON.stringify(key)} is no sysctl of a network namespace`);
  });
});

test('a setting is that of its namespace only', () => {
  const forwarding = () => readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim();
  const before = forwarding();
  const other = before === '1' ? '0' : '1';
  pod.writeSysctl('net.ipv4.ip_forward', other);
  expect(pod.readSysctl('net.ipv4.ip_forward')).toBe(other);
  expect(pod.run(forwarding)).toBe(other);
  expect(forwarding()).toBe(before);
});

test('the settings of an interface with a dot in its name are written by their path', () => {
  pod.writeSysctl('net/ipv4/conf/eth0.100/rp_filter', 2);
  expect(pod.readSysctl('net.ipv4.conf.eth0/100.rp_filter')).toBe('2');
  expect(pod.readSysctl('net.ipv4.conf.eth0.rp_filter')).not.toBe('2');
});

test('an open setting is read and written from outside, as often as need be', () => {
  using setting = pod.sysctl('net.ipv4.conf.eth0.rp_filter');
  for (const value of ['1', '2', '0']) {
    setting.write(value);
    expect(setting.read()).toBe(value);
    expect(setting.read()).toBe(value);
  }
});

test('a value of several words is read whole', () => {
  pod.writeSysctl('net.ipv4.ip_local_port_range', '20000 30001');
  expect(pod.readSysctl('net.ipv4.ip_local_port_range')).toBe('20000\t30001');
});

test('a value of any length is written and read whole, or emptied', () => {
  const ports = Array.from({ length: 2000 }, (_, i) => 1001 + 2 * i).join(',');
  pod.writeSysctl('net.ipv4.ip_local_reserved_ports', ports);
  expect(ports.length).toBeGreaterThan(8192);
  expect(pod.readSysctl('net.ipv4.ip_local_reserved_ports')).toBe(ports);
  pod.writeSysctl('net.ipv4.ip_local_reserved_ports', '');
  expect(pod.readSysctl('net.ipv4.ip_local_reserved_ports')).toBe('');
});

test('a setting that can only be written is written', () => {
  pod.writeSysctl('net.ipv4.route.flush', 1);
  expect(() => pod.readSysctl('net.ipv4.route.flush')).toThrow(error('no-permission', 'EACCES'));
});

test('a missing setting is told with its key and its namespace', () => {
  expect(() => pod.readSysctl('net.ipv4.conf.eth9.rp_filter')).toThrow(
    error(
      'not-found',
      'cannot open sysctl net.ipv4.conf.eth9.rp_filter of network namespace without a name: ' +
        'open: ENOENT (No such file or directory); there is no such setting, or no such interface',
    ),
  );
});

test('a value that the kernel does not take is told', () => {
  expect(() => pod.writeSysctl('net.ipv4.ip_forward', 'maybe')).toThrow(
    error('refused', 'cannot write "maybe" to sysctl net.ipv4.ip_forward of network namespace'),
  );
});

test('an open setting is closed at the end of its scope', () => {
  const files = opened();
  {
    using forward = pod.sysctl('net.ipv4.ip_forward');
    expect(forward.read()).toMatch(/^[01]$/);
    expect(files()).toEqual([expect.stringContaining('/net/ipv4/ip_forward')]);
  }
  expect(files()).toEqual([]);
});

test('an open setting is not inherited by children', () => {
  const files = opened();
  using _setting = pod.sysctl('net.ipv4.ip_forward');
  const [fd] = files()[0]!.split(' ');
  const [, flags = ''] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))!;
  expect(Number.parseInt(flags, 8) & O_CLOEXEC).toBe(O_CLOEXEC);
});

test('a setting that is closed twice closes no other file', () => {
  const setting = pod.sysctl('net.ipv4.ip_forward');
  setting.close();
  const files = opened();
  using _next = pod.sysctl('net.ipv4.ip_forward');
  setting.close();
  expect(files()).toHaveLength(1);
  expect(() => setting.read()).toThrow(error('closed', 'sysctl net.ipv4.ip_forward of network namespace'));
  expect(() => setting.write(1)).toThrow(error('closed', 'was closed'));
});
