// Behaviour that needs a process: standard streams, signals, crashes and the exit status.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDirectory } from './directory.ts';
import { createNamespace } from './namespace.ts';

const fixture = join(import.meta.dirname, 'fixture-plugin.ts');
const plugin = [process.execPath, '--conditions=@spider/source', fixture];
const variables = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'container',
  CNI_NETNS: '/run/netns/none',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
};

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(command: readonly string[], env: object = {}): ChildProcessWithoutNullStreams {
  const [program = '', ...args] = command;
  return spawn(program, args, { env: { PATH: process.env['PATH'], ...variables, ...env } });
}

function end(child: ChildProcessWithoutNullStreams, stdin?: string | Uint8Array): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  if (stdin !== undefined) child.stdin.end(stdin);
  return new Promise(resolve => {
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

const confOf = (behave: string, more: object = {}) =>
  JSON.stringify({ cniVersion: '1.1.0', name: 'network', type: 'fixture', behave, ...more });
const run = (behave: string) => end(start(plugin), confOf(behave));
const markerOf = () => join(createDirectory(), 'undone');

describe('the process', () => {
  it('C1 C42 C43 answers on standard output, ignores its arguments, and exits with 0', async () => {
    const ended = await end(start([...plugin, '--help', 'DEL']), confOf('succeed'));
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({ cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] });
  });

  it('C42 exits with 1 whatever the error', async () => {
    const ended = await end(start(plugin), '{}');
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({ cniVersion: '1.1.0', code: 7, msg: 'missing network name' });
  });

  it('C6 without a command says what it is on standard error and exits with 0', async () => {
    const ended = await end(start(plugin, { CNI_COMMAND: '' }), '');
    expect(ended).toMatchObject({ status: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^CNI plugin fixture v1\.0\.0\nCNI protocol versions supported: 0\.1\.0, /);
  });

  it('C10 answers VERSION while its standard input stays open', async () => {
    const child = start(plugin, { CNI_COMMAND: 'VERSION' });
    const { status, stdout } = await end(child);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ cniVersion: '1.1.0' });
  });

  it.each([...Object.keys(variables), 'CNI_ARGS', 'CNI_NETNS_OVERRIDE'])(
    'C25 C45 answers with one JSON value where %s is no UTF-8',
    async name => {
      // Only a shell can pass invalid UTF-8: Node and Bun encode environment variables as UTF-8.
      const spoil = `export ${name}="$(printf 'IgnoreUnknown=1;\\377\\300\\200')"; exec "$@"`;
      const ended = await end(start(['sh', '-c', spoil, 'sh', ...plugin]), confOf('succeed'));
      const answer = JSON.parse(ended.stdout);
      if (ended.status === 0) expect(answer).toMatchObject({ ips: [{ address: '10.0.0.2/24' }] });
      else expect(answer).toMatchObject({ cniVersion: '1.1.0', code: 4 });
    },
  );
});

describe("the process's own namespace", () => {
  const own = createNamespace();
  const there = ['nsenter', `--net=${own}`, ...plugin];

  it('C64 is the one that it was started in', async () => {
    const { stdout } = await end(start(there, { CNI_NETNS: own }), confOf('succeed'));
    expect(JSON.parse(stdout)).toMatchObject({ code: 8 });
  });

  it('C64 is not the one that its parent is in', async () => {
    const { status } = await end(start(there, { CNI_NETNS: `/proc/${process.pid}/ns/net` }), confOf('succeed'));
    expect(status).toBe(0);
  });
});

describe('standard output', () => {
  it('C45 holds one JSON value, whatever the handler prints', async () => {
    const { stdout, stderr, status } = await run('print');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ips: [{ address: '10.0.0.2/24' }] });
    const printed = [
      'console.log',
      'console.info',
      'console.group',
      'process.stdout.write',
      'bytes',
      'written',
      'has fd',
    ];
    for (const line of printed) expect(stderr).toContain(`${line}\n`);
  });

  it('C45 holds one JSON value, whatever is written to its file descriptor', async () => {
    // Runtimes read from pipes, but Node's own "pipe" is a socket.
    const piped = '{ { "$@" 2>&3 | cat >&4; } 3>&1 | cat >&2; } 4>&1';
    const { stdout, stderr } = await end(start(['sh', '-c', piped, 'sh', ...plugin]), confOf('printBelow'));
    expect(JSON.parse(stdout)).toMatchObject({ ips: [{ address: '10.0.0.2/24' }] });
    for (const printed of ['writeSync', 'child', 'early']) expect(stderr).toContain(`${printed}\n`);
  });

  it('C45 holds one JSON value, even if the handler prints later', async () => {
    const { stdout, stderr } = await run('printLater');
    expect(JSON.parse(stdout)).toMatchObject({ ips: [{ address: '10.0.0.2/24' }] });
    expect(stderr).toBe('later\n');
  });

  it('C45 may be a file, and is written behind what that has', async () => {
    const file = join(createDirectory(), 'stdout');
    const command = ['sh', '-c', '{ echo first; "$@"; } 2>&1 >"$0" | cat >&2', file, ...plugin];
    await end(start(command), confOf('succeed'));
    const [first, ...answer] = readFileSync(file, 'utf8').split('\n');
    expect(first).toBe('first');
    expect(JSON.parse(answer.join('\n'))).toMatchObject({ ips: [{ address: '10.0.0.2/24' }] });
  });

  it('C57 holds a result that is larger than a pipe, for a reader that is slow', async () => {
    const command = ['sh', '-c', '{ "$@"; echo "status $?" >&2; } | { sleep 0.3; cat; }', 'sh', ...plugin];
    const { stdout, stderr } = await end(start(command), confOf('succeedLarge'));
    expect(stderr).toBe('status 0\n');
    expect(stdout.length).toBeGreaterThan(1_000_000);
    expect(JSON.parse(stdout).routes).toHaveLength(20_000);
  });

  it('C57 holds it even through a pipe that does not block', async () => {
    const nonBlocking = ['perl', '-e', 'use Fcntl; fcntl(STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK); exec @ARGV'];
    const command = [
      'sh',
      '-c',
      '{ "$@"; echo "status $?" >&2; } | { sleep 0.3; cat; }',
      'sh',
      ...nonBlocking,
      ...plugin,
    ];
    const { stdout, stderr } = await end(start(command), confOf('succeedLarge'));
    expect(stderr).toBe('status 0\n');
    expect(JSON.parse(stdout).routes).toHaveLength(20_000);
  });

  it('C56 C142 that nobody reads makes ADD fail and roll back', async () => {
    const undone = markerOf();
    const child = start(plugin);
    child.stdout.destroy();
    const { status, stderr } = await end(child, confOf('succeed', { undone }));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error writing error JSON to stdout: error writing to stdout: .*EPIPE/);
    expect(readFileSync(undone, 'utf8')).toBe('undone\n');
  });

  it('C56 C142 that is full makes ADD fail and roll back', async () => {
    const undone = markerOf();
    const command = ['sh', '-c', 'exec "$@" >/dev/full', 'sh', ...plugin];
    const { status, stderr } = await end(start(command), confOf('succeed', { undone }));
    expect(status).toBe(1);
    expect(stderr).toContain('ENOSPC');
    expect(existsSync(undone)).toBe(true);
  });

  it('C38 that is full makes VERSION fail', async () => {
    const command = ['sh', '-c', 'exec "$@" >/dev/full', 'sh', ...plugin];
    const { status, stderr } = await end(start(command, { CNI_COMMAND: 'VERSION' }));
    expect(status).toBe(1);
    expect(stderr).toContain('ENOSPC');
  });

  it('C55 that is full does not keep an error from being seen', async () => {
    const command = ['sh', '-c', 'exec "$@" >/dev/full', 'sh', ...plugin];
    const { status, stderr } = await end(start(command), '{}');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error writing error JSON to stdout: .*ENOSPC.*\n$/);
  });
});

describe('standard input', () => {
  it('C26 of more than 16 MiB is refused', async () => {
    const { stdout, status } = await end(start(plugin), new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 5, msg: 'error reading from stdin: more than 16777216 bytes' });
  });

  it('C26 of 16 MiB is read', async () => {
    const conf = confOf('succeed').padEnd(16 * 1024 * 1024);
    expect((await end(start(plugin), conf)).status).toBe(0);
  });

  it('C27 that is a directory is refused', async () => {
    const command = ['sh', '-c', 'exec "$@" </', 'sh', ...plugin];
    const { stdout, status } = await end(start(command));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      code: 5,
      msg: expect.stringMatching(/^error reading from stdin: .*EISDIR/),
    });
  });

  it('C27 that is closed is empty', async () => {
    const command = ['sh', '-c', 'exec "$@" <&-', 'sh', ...plugin];
    const { stdout } = await end(start(command));
    expect([5, 6]).toContain(JSON.parse(stdout).code);
  });

  it('may come slowly, through a pipe that does not block', async () => {
    const nonBlocking = ['perl', '-e', 'use Fcntl; fcntl(STDIN, F_SETFL, O_RDONLY | O_NONBLOCK); exec @ARGV'];
    const slow = `{ sleep 0.2; printf '%s' '{"cniVersion":"1.1.0",'; sleep 0.2; printf '%s' '"name":"n"}'; } | "$@"`;
    const { stdout, status } = await end(start(['sh', '-c', slow, 'sh', ...nonBlocking, ...plugin]));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ cniVersion: '1.1.0' });
  });
});

describe('a crash', () => {
  it.each([
    ['throwOutside', 'outside'],
    ['rejectOutside', 'outside'],
    ['neverEnd', 'the handler waits for something that will never happen'],
    ['exit', 'the process was ended before it answered'],
    ['exitBelow', 'the process was ended before it answered'],
  ])('C54 is answered: %s', async (behave, msg) => {
    const { status, stdout } = await run(behave);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ cniVersion: '1.1.0', code: 999, msg });
  });

  it('C54 is answered although the log has a socket, which has the answered error too', async () => {
    const socket = join(createDirectory(), 'log.sock');
    let heard = '';
    const server = createServer(connection => {
      connection.setEncoding('utf8').on('data', text => {
        heard += text;
      });
    });
    await new Promise<void>(resolve => server.listen(socket, resolve));
    const { stdout } = await end(start(plugin), confOf('logAndWait', { socket }));
    await new Promise(resolve => server.close(resolve));
    const msg = 'the handler waits for something that will never happen';
    expect(JSON.parse(stdout)).toMatchObject({ code: 999, msg });
    const events = heard.trimEnd().split('\n');
    expect(events.map(line => JSON.parse(line).msg)).toEqual(['waiting', `${msg}; log: info: waiting`]);
  });

  it('C42 leaves the status of a failure, even behind the answer', async () => {
    const socket = join(createDirectory(), 'log.sock');
    const server = createServer({ pauseOnConnect: true }, connection => connection.on('error', () => {}));
    await new Promise<void>(resolve => server.listen(socket, resolve));
    const { status, stdout } = await end(start(plugin), confOf('failAndEnd', { socket }));
    server.close();
    expect(JSON.parse(stdout)).toMatchObject({ code: 100, msg: 'failed' });
    expect(status).toBe(1);
  });

  it.each(['throwOutside', 'neverEnd', 'exit'])('C142 is rolled back: %s', async behave => {
    const undone = markerOf();
    await end(start(plugin), confOf(behave, { undone }));
    expect(readFileSync(undone, 'utf8')).toBe('undone\n');
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'C130 C142 aborts ADD, rolls it back and answers with 11: %s',
    async signal => {
      const undone = markerOf();
      const child = start(plugin);
      child.stderr.once('data', () => child.kill(signal));
      const { status, stdout } = await end(child, confOf('wait', { undone }));
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ code: 11, msg: `ADD was aborted: ${signal}` });
      expect(readFileSync(undone, 'utf8')).toBe('undone\n');
    },
  );

  it('ends a process that still waits for its configuration', async () => {
    const child = start(['sh', '-c', 'echo ready >&2; exec "$@"', 'sh', ...plugin]);
    child.stderr.once('data', () => child.kill('SIGTERM'));
    expect(await end(child)).toMatchObject({ status: null, signal: 'SIGTERM', stdout: '' });
  });
});
