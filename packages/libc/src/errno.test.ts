import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { errnoMessage, errnoName } from './errno.ts';

/** libc's errors according to Perl, which every Debian system has: lines of "number name message". */
const script = 'use Errno; for my $name (keys %!) { $! = Errno->can($name)->(); printf "%d %s %s\\n", $!, $name, $! }';
const perl = spawnSync('perl', ['-e', script], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } })
  .stdout.trimEnd()
  .split('\n')
  .map(line => /^(\d+) (\S+) (.*)$/.exec(line)!)
  .map(([, number, name, message]) => ({ number: Number(number), name: name as string, message: message as string }));

/** Alternative names of errors that the table has under another name. */
const aliases = ['EWOULDBLOCK', 'EDEADLOCK', 'ENOTSUP'];

test('names every error as libc does', () => {
  expect(perl.length).toBeGreaterThan(130);
  for (const { number, name } of perl) if (!aliases.includes(name)) expect(errnoName(number)).toBe(name);
});

test('names errors as Node does', () => {
  for (const [name, number] of Object.entries(constants.errno))
    if (!aliases.includes(name)) expect(errnoName(number)).toBe(name);
});

test('says what strerror says', () => {
  for (const { number, message } of perl) expect(errnoMessage(number)).toBe(message);
});

test.each([0, 41, 58, 134, 999, -1])('gives %i, which is no error, a name all the same', number => {
  expect(errnoName(number)).toBe(`E${number}`);
  expect(errnoMessage(number)).toBe(`Unknown error ${number}`);
});

test('knows the error that drivers let slip out of the kernel', () => {
  expect(errnoName(524)).toBe('ENOTSUPP');
});
