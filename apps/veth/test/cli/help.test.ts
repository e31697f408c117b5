// Calls that are about the executable itself, and calls that make no sense.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type Answer, executable } from '../call.ts';

function veth(...args: readonly string[]): Answer {
  const { status, stdout, stderr } = spawnSync(executable, args, { encoding: 'utf8', env: {}, input: '' });
  return { status, stdout, stderr };
}

const commands = [...veth('--help').stdout.matchAll(/^ {2}veth (\w+)/gm)].map(([, name = '']) => name);

test('help names every command', () => {
  expect(commands).toEqual(expect.arrayContaining(['version', 'schema', 'plan', 'install', 'uninstall']));
  expect(veth('help').stdout).toBe(veth('--help').stdout);
});

test.each(commands)('%s tells its options, and does nothing else', name => {
  const { status, stdout, stderr } = veth(name, '--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`\n  veth ${name}`);
  expect(stdout).toMatch(/^ {2}--help/m);
  expect(veth('help', name).stdout).toBe(stdout);
});

test('the version goes to standard output, with the versions of the protocol', () => {
  const { status, stdout } = veth('version');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^CNI plugin veth v\d+\.\d+\.\d+\nCNI protocol versions supported: 0\.1\.0, .*1\.1\.0\n$/);
  expect(veth('--version').stdout).toBe(stdout);
});

test('CNI_COMMAND makes it a plugin, whatever arguments there are', () => {
  const env = { CNI_COMMAND: 'VERSION' };
  const { status, stdout } = spawnSync(executable, ['install'], { encoding: 'utf8', env, input: '' });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ supportedVersions: expect.arrayContaining(['1.1.0']) });
});

describe('a call that makes no sense is refused with status 2 and one line that tells where to look', () => {
  const calls: [string, readonly string[], RegExp][] = [
    ['an unknown command', ['frobnicate'], /^veth: there is no command frobnicate; see veth --help\n$/],
    ['a command that is nearly right', ['pln'], /^veth: there is no command pln; did you mean plan\?\n$/],
    ['an unknown option', ['plan', '--node', 'x'], /^veth plan: unknown option '--node'; see veth plan --help\n$/],
    ['an option that is missing', ['plan'], /^veth plan: --netns PATH is missing; see veth plan --help\n$/],
    [
      'an option without its value',
      ['plan', '--netns'],
      /^veth plan: option '--netns .*missing; see veth plan --help\n$/,
    ],
    [
      'a value that reads as an option',
      ['trace', '--port', '-1'],
      /^veth trace: option '--port' argument is ambiguous; see veth trace --help\n$/,
    ],
    ['an operand too much', ['version', 'please'], /^veth version: please is too much; see veth version --help\n$/],
  ];
  test.each(calls)('%s', (_, args, message) => {
    const { status, stdout, stderr } = veth(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

test('what needs root says so', () => {
  const program = `${executable} plan --netns /run/netns/pod --ifname eth0`;
  const { status, stderr } = spawnSync('unshare', ['--user', 'sh', '-c', program], {
    encoding: 'utf8',
    env: {},
    input: '',
  });
  expect(status).toBe(2);
  expect(stderr).toBe('veth plan: needs root: it looks into the network namespaces of pods\n');
});

test('what is printed follows what a file has', () => {
  const printed = spawnSync('sh', ['-c', `f=$(mktemp); echo before > $f; ${executable} version >> $f; cat $f; rm $f`]);
  expect(String(printed.stdout)).toBe(`before\n${veth('version').stdout}`);
});

describe('what cannot be printed is told, whatever it is', () => {
  const printing = ['--help', 'schema', 'plan --help', 'inspect', 'inspect --json', 'inspect --mermaid'];
  const outputs = [
    [
      'a disk that is full',
      '> /dev/full',
      'ENOSPC: no space left on device, write',
      [...printing, 'version', '--version'],
    ],
    ['a standard output that is closed', '>&-', 'EBADF: bad file descriptor, write', printing],
  ] as const;
  describe.each(outputs)('%s', (_, redirection, reason, commands) => {
    test.each(commands)('veth %s', args => {
      const { status, stderr } = spawnSync('sh', ['-c', `exec ${executable} ${args} ${redirection}`], {
        encoding: 'utf8',
      });
      expect(status).toBe(2);
      expect(stderr).toMatch(new RegExp(`^veth( \\w+)?: standard output: ${reason}\n$`));
    });
  });

  test('veth inspect --svg /dev/full', () => {
    const { status, stderr } = veth('inspect', '--svg', '/dev/full');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^veth inspect: --svg \/dev\/full: ENOSPC.*\n$/);
  });
});

test('an output that is thrown away is no error, however it was opened', () => {
  for (const redirection of ['> /dev/null', '<> /dev/null >&0'])
    expect(spawnSync('sh', ['-c', `exec ${executable} version ${redirection}`]).status).toBe(0);
});

test('a reader that has seen enough is no error', () => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `{ ${executable} schema; echo "$?" >&2; } | head -1`], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '{\n', stderr: '0\n' });
});
