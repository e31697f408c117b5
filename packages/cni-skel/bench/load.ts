// What the package adds to the run of a program: importing it, VERSION, and an ADD whose handler does nothing. The
// programs run in turn, so that what else the machine does hits all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(root, 'bench-'));
const rounds = 100;

const plugin = `
  import { definePlugin } from '@spider/cni-skel';
  definePlugin({ name: 'idle', version: '1', kind: 'chained', add: ({ prevResult }) => prevResult, del() {} }).main();`;

const programs = {
  empty: { source: 'process.exit(0);' },
  import: { source: `import * as cni from '@spider/cni-skel'; globalThis.keep = cni; process.exit(0);` },
  VERSION: { source: plugin, command: 'VERSION' },
  ADD: { source: plugin, command: 'ADD' },
};

const env = {
  PATH: process.env['PATH'],
  CNI_CONTAINERID: 'container',
  CNI_NETNS: '/run/netns/none',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web',
  CNI_PATH: '/opt/cni/bin',
};
const input = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'network',
  type: 'idle',
  prevResult: {
    interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/none' }],
    ips: [
      { interface: 0, address: '10.0.0.2/24', gateway: '10.0.0.1' },
      { interface: 0, address: 'fd00::2/64' },
    ],
    routes: [{ dst: '0.0.0.0/0' }],
  },
});

const runtimes = {
  node: (source: string) => ['node', source],
  'bun executable': (source: string) => {
    const executable = source.replace('.mjs', '');
    const compile = ['../../tools/build/executable.ts', source, executable];
    const { status, stderr } = spawnSync('node', compile, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return [executable];
  },
};

function milliseconds([program = '', ...args]: readonly string[], command = ''): number {
  const start = process.hrtime.bigint();
  const { status, stdout } = spawnSync(program, args, { env: { ...env, CNI_COMMAND: command }, input });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}: ${stdout}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

try {
  for (const [runtime, prepare] of Object.entries(runtimes)) {
    const runs = Object.entries(programs).map(([name, { source, ...more }]) => {
      const file = join(directory, `${name}.mjs`);
      writeFileSync(file, source);
      return { name, program: prepare(file), times: [] as number[], ...more };
    });
    for (let round = 0; round < rounds; round++) {
      for (const run of runs) run.times.push(milliseconds(run.program, 'command' in run ? run.command : ''));
    }
    const empty = median(runs[0]!.times);
    for (const { name, times } of runs) {
      const time = median(times);
      console.log(`${runtime}: ${name.padEnd(8)} ${time.toFixed(2)} ms, ${(time - empty).toFixed(2)} ms above empty`);
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
