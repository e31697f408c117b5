// A kernel that refuses requests, and one without netfilter.
import { LinuxError } from '@spider/libc';
import { Netfilter } from '@spider/netfilter';
import { NetNs } from '@spider/netns';
import { NetlinkError, type Request, Rtnetlink } from '@spider/rtnetlink';
import { afterEach, expect, test, vi } from 'vitest';
import { Hooks } from './hooks.ts';

const [EPERM, EINVAL, ENOBUFS, EPROTONOSUPPORT] = [1, 22, 105, 93];
const packet = { src: '192.0.2.1', dst: '192.0.2.2', sourcePort: 40_000, port: 80 };

afterEach(() => vi.restoreAllMocks());

/** The doubts at two hooks, on a kernel that answers the operations like this. */
function doubts(answers: Readonly<Record<string, number>>): string[] {
  using namespace = NetNs.create();
  using rtnetlink = Rtnetlink.openIn(namespace);
  const execute = Netfilter.prototype.execute;
  vi.spyOn(Netfilter.prototype, 'execute').mockImplementation(function (this: Netfilter, request: Request<unknown>) {
    const errno = answers[request.operation];
    if (errno !== undefined) throw new NetlinkError(request, errno);
    return execute.call(this, request);
  });
  if (answers['socket'] !== undefined)
    vi.spyOn(namespace, 'socket').mockImplementation(() => {
      throw new LinuxError('socket', answers['socket']!);
    });
  using hooks = new Hooks({ name: 'node', netns: undefined, namespace, rtnetlink });
  return (['output', 'postrouting'] as const).flatMap(
    hook => hooks.pass(hook, packet, { isReply: false, mayBeTranslated: true, isTranslated: false }).doubts,
  );
}

test.each([
  ['netfilter', { socket: EPROTONOSUPPORT }],
  ['nf_tables', { 'chain.list': EINVAL }],
  ['conntrack', { 'conntrack.list': EINVAL }],
  ['either', { 'chain.list': EINVAL, 'conntrack.list': EINVAL }],
])('a kernel without %s has nothing that could not be told', (_, answers) => {
  expect(doubts(answers)).toEqual([]);
});

test.each([
  ['the rules of nf_tables', 'socket: ENOBUFS', { socket: ENOBUFS }],
  ['the rules of nf_tables', 'chain.list {}: EPERM', { 'chain.list': EPERM, 'conntrack.list': EPERM }],
  ['the rules of nf_tables', 'rule.list {}: ENOBUFS', { 'rule.list': ENOBUFS }],
  [
    'the connections of conntrack',
    'conntrack.list {original: {ip: {dst: 192.0.2.2}}}: EPERM',
    { 'conntrack.list': EPERM },
  ],
])('that %s are not told (%s) is told once', (what, why, answers) => {
  expect(doubts(answers)).toEqual([
    expect.stringMatching(
      new RegExp(`^${what} cannot be read here, .* is not known: ${why.replaceAll(/[{}]/g, '\\$&')} `),
    ),
  ]);
});
