// A plugin for tests of real processes: its configuration determines what its ADD does.
import { spawnSync } from 'node:child_process';
import { appendFileSync, writeSync } from 'node:fs';
import { CNIError, definePlugin, type Logger, type Result, type StandardSchema } from '../src/index.ts';

interface Conf {
  /** One of the behaviours below. */
  behave?: keyof typeof behaviours;
  /** A file that the rollback of ADD appends a line to. */
  undone?: string;
  /** Path of the log's socket. */
  socket?: string;
}

const anything: StandardSchema<Conf> = {
  '~standard': { version: 1, vendor: 'test', validate: value => ({ value: value as Conf }) },
};

/** References that a logger or a library may take before the plugin replaces the streams. */
const early = console.log;
const earlyExit = process.exit.bind(process);
const never = () => new Promise<Result>(() => {});
const alive = () => setInterval(() => {}, 1000);
const result: Result = { ips: [{ address: '10.0.0.2/24' }] };

const behaviours = {
  succeed: () => result,
  succeedLarge: () => ({
    ...result,
    routes: Array.from({ length: 20_000 }, (_, index) => ({ dst: `10.${index >> 8}.${index & 255}.0/24` })),
  }),
  print() {
    console.log('console.log');
    console.info('console.info');
    console.table([{ a: 1 }]);
    console.group('console.group');
    process.stdout.write('process.stdout.write\n');
    if ('fd' in process.stdout) console.log('has fd');
    process.stdout.write(new TextEncoder().encode('bytes\n'), () => console.log('written'));
    return result;
  },
  printBelow() {
    writeSync(1, 'writeSync\n');
    spawnSync('echo', ['child'], { stdio: 'inherit' });
    early('early');
    return result;
  },
  async printLater() {
    await new Promise(resolve => setTimeout(resolve, 1));
    console.log('later');
    return result;
  },
  throwOutside() {
    alive();
    setTimeout(() => {
      throw new Error('outside');
    });
    return never();
  },
  rejectOutside() {
    alive();
    void Promise.reject(new Error('outside'));
    return never();
  },
  neverEnd: never,
  logAndWait(_signal: AbortSignal, log: Logger) {
    log.info('waiting');
    return never();
  },
  failAndEnd(_signal: AbortSignal, log: Logger) {
    // More than a pipe can hold, for a reader that does not read.
    log.info('x'.repeat(2 ** 22));
    setTimeout(earlyExit, 100, 0);
    throw new CNIError(100, 'failed');
  },
  exitBelow() {
    earlyExit(0);
    return result;
  },
  exit() {
    process.exit(0);
  },
  wait(signal: AbortSignal) {
    alive();
    console.error('waiting');
    return new Promise<Result>((_resolve, reject) => signal.addEventListener('abort', reject));
  },
} satisfies Record<string, (signal: AbortSignal, log: Logger) => Result | Promise<Result>>;

definePlugin({
  name: 'fixture',
  version: '1.0.0',
  conf: anything,
  log: ({ socket }) => ({ socket }),
  add({ conf, rollback, signal, log }) {
    const { undone } = conf;
    if (undone) rollback.defer(() => appendFileSync(undone, 'undone\n'));
    return behaviours[conf.behave ?? 'succeed'](signal, log);
  },
  del() {},
}).main();
