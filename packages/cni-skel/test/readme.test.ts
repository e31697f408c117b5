import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conformance } from '../src/testing/index.ts';
import { createDirectory } from './directory.ts';
import { createNamespace, removeNamespace } from './namespace.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const [attachments = '', nowhere = ''] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, example]) => example);

/** Compiles an example; returns its source, where the package can be imported by its name, and its executable. */
function compile(name: string, example: string): { source: string; executable: string } {
  const source = join(root, '.results', `${name}-${process.versions['bun'] ? 'bun' : 'node'}.ts`);
  const executable = join(createDirectory(), name);
  writeFileSync(source, example);
  execFileSync('node', [join(root, '../../tools/build/executable.ts'), source, executable], { stdio: 'pipe' });
  return { source, executable };
}

function netns() {
  const path = createNamespace();
  return { path, [Symbol.asyncDispose]: async () => removeNamespace(path) };
}

const filesIn = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);
const read = (directory: string) =>
  filesIn(directory).map(name => [name, readFileSync(join(directory, name), 'utf8')] as const);

describe("the README's plugin", () => {
  const directory = '/run/attachments';
  const { source, executable } = compile('attachments', attachments);
  mkdirSync(directory, { recursive: true });

  it('runs as it is printed', () => {
    const command = ['--conditions=@spider/source', source];
    const { stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env: {} });
    expect(stderr).toMatch(/^CNI plugin attachments v1\.0\.0\n/);
  });

  it('has the 20 lines that are promised', () => {
    expect(attachments.split('\n').filter(Boolean)).toHaveLength(20);
  });

  const cases = conformance(executable, {
    kind: 'chained',
    conf: { type: 'attachments' },
    args: 'IgnoreUnknown=1;K8S_POD_NAME=web',
    prevResult: netns => ({
      interfaces: [{ name: 'eth0', sandbox: netns }],
      ips: [{ address: '10.0.0.2/24', interface: 0 }],
    }),
    netns,
    snapshot: () => read(directory),
    damage: async () => {
      execFileSync('find', [directory, '-type', 'f', '-delete']);
    },
    versions: ['0.3.1', '1.1.0'],
  });
  for (const { name, run } of cases) it(name, run);
});

describe("the README's plugin that delegates", () => {
  const dataDir = createDirectory();
  const inside = (path: string, ...command: string[]) =>
    execFileSync('nsenter', [`--net=${path}`, ...command], { encoding: 'utf8' });
  const cases = conformance(compile('nowhere', nowhere).executable, {
    conf: { type: 'nowhere', ipam: { type: 'host-local', dataDir, subnet: '10.88.0.0/16' } },
    path: '/usr/lib/cni',
    netns,
    snapshot: path => [
      existsSync(path) ? inside(path, 'ip', '-brief', 'link').replaceAll(/ .*/g, '') : '',
      read(join(dataDir, 'conformance')).filter(([name]) => name.startsWith('10.')),
    ],
    damage: async path => void inside(path, 'ip', 'address', 'flush', 'dev', 'eth0'),
    // Debian's host-local supports no newer version.
    versions: ['0.2.0', '1.0.0'],
  });
  for (const { name, run } of cases) it(name, run);
});

describe('the README', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.values<{ '@spider/source'?: string }>(exports).flatMap(entry => entry['@spider/source'] ?? []);

  it.each(entries)('tells what everything is for that %s exports', file => {
    const source = readFileSync(join(root, file), 'utf8');
    const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, names = '']) => names);
    const names = lists.flatMap(list => list.match(/\w+/g) ?? []).filter(name => name !== 'type');
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter(name => !readme.includes(`\`${name}\``) && !readme.includes(`\`${name}\`s`))).toEqual([]);
  });
});
