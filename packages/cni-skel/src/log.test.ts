import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDirectory } from '../test/directory.ts';
import { recorder } from '../test/plugins.ts';
import { CNIError } from './index.ts';
import { invoke } from './testing/invoke.ts';

describe('the log', () => {
  it('C47 goes to standard error, one line of JSON for each event, with what it is about', async () => {
    const plugin = recorder({
      del({ log }) {
        log.child({ link: 'eth0' }).warn('gone', { errno: 19n, error: new Error('no such device') });
      },
    });
    const { stderr } = await invoke(plugin, 'DEL');
    const { time, ...event } = JSON.parse(stderr);
    expect(new Date(time).toISOString()).toBe(time);
    expect(event).toEqual({
      level: 'warn',
      msg: 'gone',
      plugin: 'recorder',
      command: 'DEL',
      containerID: 'container',
      ifName: 'eth0',
      link: 'eth0',
      errno: '19',
      error: 'no such device',
    });
  });

  it('has the fields of every child on the way, the last first', async () => {
    const plugin = recorder({
      del({ log }) {
        log.child({ a: 1, b: 1, c: 1 }).child({ b: 2, c: 2 }).info('nested', { c: 3, ifName: 'eth1' });
      },
    });
    const { stderr } = await invoke(plugin, 'DEL');
    expect(JSON.parse(stderr)).toMatchObject({ msg: 'nested', a: 1, b: 2, c: 3, ifName: 'eth1', plugin: 'recorder' });
  });

  it('begins with time, level and message, whatever fields an event has', async () => {
    const plugin = recorder({
      del: ({ log }) => log.child({ time: 0 }).info('own', { level: 'debug', ...new CNIError(100, 'theirs').toJSON() }),
    });
    const { stderr } = await invoke(plugin, 'DEL');
    expect(stderr).toMatch(/^\{"time":"\d{4}-[^"]*Z","level":"info","msg":"own","plugin":"recorder",.*"code":100\}\n$/);
  });

  it('shows a CNIError by code and message', async () => {
    const plugin = recorder({ del: ({ log }) => log.info('passed on', { error: new CNIError(100, 'no') }) });
    expect(JSON.parse((await invoke(plugin, 'DEL')).stderr).error).toEqual({ code: 100, msg: 'no' });
  });

  it('keeps a file from other users, and no descriptor of it', async () => {
    const file = join(createDirectory(), 'plugin.log');
    const plugin = recorder({ log: () => ({ file }), del: ({ log }) => log.info('one') });
    await invoke(plugin, 'DEL');
    const before = readdirSync('/proc/self/fd').length;
    for (let run = 0; run < 10; run++) await invoke(plugin, 'DEL');
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 10);
    expect(readFileSync(file, 'utf8').match(/"one"/g)).toHaveLength(11);
    expect(statSync(file).mode & 0o007).toBe(0);
  });

  it('goes to a file too, and the answered error with it', async () => {
    const file = join(createDirectory(), 'plugin.log');
    const plugin = recorder({
      log: () => ({ file, level: 'debug' }),
      add({ log }) {
        log.debug('detail');
        throw new CNIError(100, 'broken', { details: 'by hand' });
      },
    });
    await invoke(plugin, 'ADD');
    const events = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(events.map(line => JSON.parse(line))).toMatchObject([
      { level: 'debug', msg: 'detail', command: 'ADD' },
      { level: 'error', msg: 'broken; by hand', code: 100 },
    ]);
  });

  it('goes where the plugin finds out, even if that takes a while', async () => {
    const file = join(createDirectory(), 'plugin.log');
    const plugin = recorder({ log: async () => ({ file }), del: ({ log }) => log.info('one') });
    await invoke(plugin, 'DEL');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ msg: 'one' });
  });

  it('goes to no pipe that nobody reads, and does not wait for a reader', async () => {
    const file = join(createDirectory(), 'pipe');
    execFileSync('mkfifo', [file]);
    const plugin = recorder({ log: () => ({ file }), del: ({ log }) => log.info('one') });
    const { exitCode, stderr } = await invoke(plugin, 'DEL');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('cannot write the log: ENXIO');
  });

  it('that cannot be written to its file is no reason to fail, and said once', async () => {
    const plugin = recorder({
      log: () => ({ file: '/nowhere/plugin.log' }),
      del({ log }) {
        log.info('one');
        log.info('two');
      },
    });
    const { exitCode, stderr } = await invoke(plugin, 'DEL');
    expect(exitCode).toBe(0);
    expect(stderr.match(/cannot write the log/g)).toHaveLength(1);
  });

  it('can be given what has no JSON', async () => {
    const round: { self?: object } = {};
    round.self = round;
    const plugin = recorder({ del: ({ log }) => log.info('round', round) });
    const { exitCode, stderr } = await invoke(plugin, 'DEL');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stderr)).toMatchObject({
      msg: 'round',
      plugin: 'recorder',
      fields: expect.stringMatching(/cycl|circul/),
    });
  });
});

describe("the log's socket", () => {
  const servers: Server[] = [];
  const connections: Socket[] = [];

  afterEach(() => {
    for (const connection of connections.splice(0)) connection.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  /** A log collector; `heard` is what it read until the plugin closed the connection. */
  async function collector(treat: (connection: Socket) => void = connection => connection.resume()) {
    const path = join(createDirectory(), 'log.sock');
    const server = createServer({ allowHalfOpen: true });
    const heard = new Promise<string>(resolve => {
      server.on('connection', connection => {
        let text = '';
        connections.push(connection);
        connection.setEncoding('utf8').on('data', data => {
          text += data;
        });
        connection.on('end', () => resolve(text)).on('error', () => {});
        treat(connection);
      });
    });
    servers.push(server);
    await new Promise<void>(resolve => server.listen(path, resolve));
    return { socket: path, heard };
  }

  it('has every event in a line, and the answered error, before the request ends', async () => {
    const { socket, heard } = await collector();
    const plugin = recorder({
      log: () => ({ socket }),
      add({ log }) {
        log.info('two\nlines', { pod: 'web' });
        log.debug('unseen');
        throw new CNIError(100, 'broken');
      },
    });
    const { error, stderr } = await invoke(plugin, 'ADD');
    const lines = (await heard).trimEnd().split('\n');
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { level: 'info', msg: 'two\nlines', plugin: 'recorder', command: 'ADD', pod: 'web' },
      { level: 'error', msg: expect.stringContaining('broken'), code: 100 },
    ]);
    expect(stderr).toBe(`${lines[0]}\n`);
    expect(error?.code).toBe(100);
  });

  it('leaves no timer behind', async () => {
    const { socket } = await collector();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await invoke(recorder({ log: () => ({ socket }), del: ({ log }) => log.info('one') }), 'DEL');
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has what a file has', async () => {
    const { socket, heard } = await collector();
    const file = join(createDirectory(), 'plugin.log');
    await invoke(recorder({ log: () => ({ socket, file }), del: ({ log }) => log.info('one') }), 'DEL');
    expect(await heard).toBe(readFileSync(file, 'utf8'));
  });

  it('has a megabyte whole', async () => {
    const { socket, heard } = await collector();
    const text = 'x'.repeat(1024 * 1024);
    await invoke(recorder({ log: () => ({ socket }), del: ({ log }) => log.info(text) }), 'DEL');
    expect(JSON.parse(await heard).msg).toBe(text);
  });

  it.each(['/nowhere/log.sock', '/dev/null'])(
    'that nobody listens on is no reason to fail, and said once: %s',
    async socket => {
      const plugin = recorder({
        log: () => ({ socket }),
        del({ log }) {
          log.info('one');
          log.info('two');
        },
      });
      const { exitCode, stderr } = await invoke(plugin, 'DEL');
      expect(exitCode).toBe(0);
      expect(stderr.match(/cannot write the log/g)).toHaveLength(1);
    },
  );

  it('that is closed on us is no reason to fail', async () => {
    const { socket } = await collector(connection => connection.destroy());
    const plugin = recorder({
      log: () => ({ socket }),
      async del({ log }) {
        for (let line = 0; line < 20; line++) {
          log.info(`line ${line}`);
          await new Promise(resolve => setTimeout(resolve, 1));
        }
      },
    });
    expect((await invoke(plugin, 'DEL')).exitCode).toBe(0);
  });

  it.each(['', 'who is there?'])(
    'has every event although its reader has ended its own direction, after %j',
    async words => {
      const { socket, heard } = await collector(connection => connection.end(words));
      const plugin = recorder({
        log: () => ({ socket }),
        async del({ log }) {
          log.info('one');
          await new Promise(resolve => setTimeout(resolve, 50));
          log.info('two');
          throw new CNIError(100, 'broken');
        },
      });
      const { exitCode, stderr } = await invoke(plugin, 'DEL');
      expect(exitCode).toBe(1);
      expect(stderr).not.toContain('cannot write the log');
      expect((await heard).match(/"msg":"\w+/g)).toEqual(['"msg":"one', '"msg":"two', '"msg":"broken']);
    },
  );

  it('that is closed on us while nothing is written does not hold the answer up', async () => {
    const { socket } = await collector(connection => connection.once('data', () => connection.destroy()));
    const plugin = recorder({
      log: () => ({ socket }),
      async del({ log }) {
        log.info('one');
        await new Promise(resolve => setTimeout(resolve, 50));
      },
    });
    expect((await invoke(plugin, 'DEL')).exitCode).toBe(0);
  });

  it('that nobody reads does not hold the answer up for ever', async () => {
    const { socket } = await collector(connection => connection.pause());
    const text = 'x'.repeat(4 * 1024 * 1024);
    const { exitCode, stderr } = await invoke(
      recorder({ log: () => ({ socket }), del: ({ log }) => log.info(text) }),
      'DEL',
    );
    expect(exitCode).toBe(0);
    expect(stderr).toContain('cannot write the log: nobody read it for 500 ms');
  });
});
