// STATUS of a node that cannot carry an ADD. Of an older kernel the answers are put in the place of this one's.
import type { CNIError } from '@spider/cni-skel';
import { LinuxError } from '@spider/libc';
import { Netfilter } from '@spider/netfilter';
import type { NetNs } from '@spider/netns';
import { NETLINK_NETFILTER, openSocket, Rtnetlink } from '@spider/rtnetlink';
import { fakeKernel, type Handler } from '@spider/rtnetlink/testing';
import { expect, test } from 'vitest';
import { createNamespace } from '../../../tools/lab/namespace.ts';
import { state } from '../../../tools/lab/state.ts';
import { Nftables } from '../src/nftables.ts';
import { type Kernel, status } from '../src/status.ts';
import { executable, referencePlugins, runIn } from './call.ts';

const [ENODEV, ENOPROTOOPT, EPROTONOSUPPORT, EOPNOTSUPP, EADDRNOTAVAIL] = [19, 92, 93, 95, 99];

/** Of a kernel that has all it takes. */
const answers: Record<string, Handler> = {
  'link.add': () => ({ errno: EADDRNOTAVAIL }),
  'altName.add': () => ({ errno: ENODEV }),
  'rule.list': () => [{ family: 'inet', priority: 32766, table: 254, protocol: 'kernel' }],
};

function kernelWith(other: Record<string, Handler>): Kernel {
  return {
    openRtnetlink: () => Rtnetlink.open(fakeKernel({ ...answers, ...other })),
    openNftables: async namespace => Nftables.openIn(namespace),
  };
}

/** What STATUS says on such a kernel; undefined where all is well. */
async function said(kernel: Kernel, replyMark?: number): Promise<object | undefined> {
  const failure = await status({ cidrs: [], replyMark }, kernel).then(
    () => undefined,
    error => error as CNIError,
  );
  return failure && JSON.parse(JSON.stringify(failure));
}

const newer = 'Linux 5.5 or newer is needed';

test('a kernel that has all it takes is well', async () => {
  expect(await said(kernelWith({}))).toBeUndefined();
});

test.each<[string, Record<string, Handler>, string, string]>([
  [
    'further names of links (before 5.5)',
    { 'altName.add': () => ({ errno: EOPNOTSUPP }) },
    'further names of links: altName.add {index: 2147483647, altNames: [veth-status]}: EOPNOTSUPP (Operation not supported)',
    newer,
  ],
  [
    'protocols of rules (before 4.17)',
    { 'rule.list': () => [{ family: 'inet', priority: 32766, table: 254 }] },
    'rules: the kernel keeps no protocol of them',
    newer,
  ],
  [
    'links of kind veth',
    { 'link.add': () => ({ errno: EOPNOTSUPP, message: 'Unknown device type' }) },
    'links of kind veth: link.add {name: veth-status, address: 01:00:00:00:00:00, info: {kind: veth}}: EOPNOTSUPP (Operation not supported); Unknown device type',
    'load the kernel module veth',
  ],
])('a kernel without %s cannot carry an ADD', async (_, other, msg, details) => {
  expect(await said(kernelWith(other))).toEqual({ code: 50, msg, details });
});

test('a kernel without strict checking of requests (before 4.20) cannot carry an ADD', async () => {
  const openRtnetlink = () => {
    throw new LinuxError('setsockopt', ENOPROTOOPT);
  };
  expect(await said({ ...kernelWith({}), openRtnetlink })).toEqual({
    code: 50,
    msg: 'rtnetlink: setsockopt: ENOPROTOOPT (Protocol not available)',
    details: newer,
  });
});

const remedy = 'load the kernel modules nf_tables and nft_ct, or leave out reply_path';

test('a kernel without nf_tables cannot carry an ADD with reply_path, and any other', async () => {
  const openNftables = async () => {
    throw new LinuxError('socket', EPROTONOSUPPORT);
  };
  const kernel = { ...kernelWith({}), openNftables };
  expect(await said(kernel)).toBeUndefined();
  expect(await said(kernel, 0x2000_0000)).toEqual({
    code: 50,
    msg: 'nf_tables, for reply_path: socket: EPROTONOSUPPORT (Protocol not supported)',
    details: remedy,
  });
});

test('a kernel that has nf_tables, but not all that the ruleset takes, cannot carry an ADD with reply_path', async () => {
  const openNftables = async (namespace: NetNs) => {
    const transport = openSocket(NETLINK_NETFILTER, namespace);
    const send = (bytes: Uint8Array) => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = text.indexOf('ct\0'); at >= 0; at = text.indexOf('ct\0', at + 1)) text.write('c?', at);
      transport.send(bytes);
    };
    return new Nftables(Netfilter.open({ ...transport, send }));
  };
  expect(await said({ ...kernelWith({}), openNftables }, 0x2000_0000)).toEqual({
    code: 50,
    msg: expect.stringMatching(/^nf_tables, for reply_path: rule\.append .*: ENOENT .*; at expressions\.2$/),
    details: remedy,
  });
});

const conf = { cniVersion: '1.1.0', name: 'underlay', type: 'veth', reply_path: {} };
const env = { CNI_COMMAND: 'STATUS', CNI_PATH: referencePlugins };

test.each([
  ['net_admin', 'links of kind veth: '],
  ['sys_admin', 'rtnetlink: cannot enter network namespace '],
])('a runtime without CAP_%s is told what it takes', (capability, what) => {
  const node = createNamespace(`status-${capability}`);
  const command = ['setpriv', `--bounding-set=-${capability}`, `--inh-caps=-${capability}`, executable];
  const { status, stdout } = runIn(node, command, { env, input: JSON.stringify(conf) });
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    code: 50,
    msg: expect.stringMatching(new RegExp(`^${what}.*EPERM`)),
    details: 'the runtime must call plugins with CAP_NET_ADMIN and CAP_SYS_ADMIN',
  });
});

test('an unknown key is told before there is a pod, and is no reason to be unavailable', () => {
  const node = createNamespace('status-unknown');
  const input = JSON.stringify({ ...conf, clustr_cidr: [] });
  const { status, stdout, stderr } = runIn(node, [executable], { env, input });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toContain('clustr_cidr: unknown key, ignored; did you mean cluster_cidr?');
});

test('STATUS leaves the node as it is', () => {
  const node = createNamespace('status-untouched');
  const before = state(node);
  const { status, stdout } = runIn(node, [executable], { env, input: JSON.stringify(conf) });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(state(node)).toEqual(before);
});
