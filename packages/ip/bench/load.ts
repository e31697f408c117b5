// What the package adds to the run of a program: importing it, and importing it to read a handful of values. The programs
// run in turn, so that what else the machine does hits all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const directory = mkdtempSync(join(root, 'bench-'));
const rounds = 100;

const programs = {
  empty: 'export {};',
  import: `import * as ip from '@spider/ip'; globalThis.keep = ip;`,
  'import and use': `
    import { Address, MacAddress, MacPrefix, Prefix } from '@spider/ip';
    const cidrs = ['10.96.0.0/12', '10.244.0.0/16', 'fd00:96::/108', 'fd00:244::/56'].map(text => Prefix.parse(text));
    const addresses = ['192.168.7.20', '2001:db8::14', '169.254.1.1', 'fe80::1'].map(text => Address.parse(text));
    const inside = cidrs.some(cidr => addresses.some(address => cidr.contains(address)));
    const mac = MacAddress.fromAddress(MacPrefix.parse('0a:1b'), addresses[0]);
    globalThis.keep = [inside, addresses.map(address => address.toBytes()), String(mac), cidrs.map(String)];`,
};

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

function milliseconds([program, ...args]: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(program!, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

try {
  for (const [runtime, prepare] of Object.entries(runtimes)) {
    const commands = Object.entries(programs).map(([name, text]) => {
      const source = join(directory, `${name.replaceAll(' ', '-')}.mjs`);
      writeFileSync(source, text);
      return { name, command: prepare(source), times: [] as number[] };
    });
    for (let round = 0; round < rounds; round++)
      for (const { command, times } of commands) times.push(milliseconds(command));
    const empty = median(commands[0]!.times);
    for (const { name, times } of commands) {
      const time = median(times);
      console.log(`${runtime}: ${name.padEnd(15)} ${time.toFixed(2)} ms, ${(time - empty).toFixed(2)} ms above empty`);
    }
  }
} finally {
  rmSync(directory, { recursive: true });
}
