import { readlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { CLONE_NEWNET, CLONE_NEWNS, close, O_CLOEXEC, O_RDONLY, open, setns, unshare } from './index.ts';

const whereabouts = () => readlinkSync('/proc/thread-self/ns/net');

function openCurrent(): number {
  const fd = open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC);
  onTestFinished(() => close(fd));
  return fd;
}

test('unshare moves the thread to a new namespace, and setns back', () => {
  const before = whereabouts();
  const home = openCurrent();
  unshare(CLONE_NEWNET);
  try {
    expect(whereabouts()).not.toBe(before);
  } finally {
    setns(home, CLONE_NEWNET);
  }
  expect(whereabouts()).toBe(before);
});

test('setns refuses a namespace of another kind', () => {
  expect(() => setns(openCurrent(), CLONE_NEWNS)).toThrow('setns: EINVAL (Invalid argument)');
});

test('setns refuses a file that is no namespace', () => {
  const fd = open('/dev/null', O_RDONLY | O_CLOEXEC);
  onTestFinished(() => close(fd));
  expect(() => setns(fd, CLONE_NEWNET)).toThrow('setns: EINVAL (Invalid argument)');
});
