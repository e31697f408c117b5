import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { conformance } from '../src/testing/index.ts';
import { createDirectory } from './directory.ts';
import { createNamespace, removeNamespace } from './namespace.ts';

const root = join(import.meta.dirname, '..');
const attachments = '/run/attachments';

describe("the README's plugin", () => {
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  // Where the package can be imported by its name, by itself.
  const source = join(root, '.results', `readme-${process.versions['bun'] ? 'bun' : 'node'}.ts`);
  const executable = join(createDirectory(), 'attachments');

  beforeAll(() => {
    mkdirSync(attachments, { recursive: true });
    writeFileSync(source, example);
    execFileSync('node', [join(root, '../../tools/build/executable.ts'), source, executable], { stdio: 'pipe' });
  });

  it('runs as it is printed', () => {
    const command = ['--conditions=@spider/source', source];
    const { stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env: {} });
    expect(stderr).toMatch(/^CNI plugin attachments v1\.0\.0\n/);
  });

  it('has the 20 lines that are promised', () => {
    expect(example.split('\n').filter(Boolean)).toHaveLength(20);
  });

  const cases = conformance(executable, {
    kind: 'chained',
    conf: { type: 'attachments' },
    args: 'IgnoreUnknown=1;K8S_POD_NAME=web',
    prevResult: netns => ({
      interfaces: [{ name: 'eth0', sandbox: netns }],
      ips: [{ address: '10.0.0.2/24', interface: 0 }],
    }),
    netns: () => {
      const path = createNamespace();
      return { path, [Symbol.asyncDispose]: async () => removeNamespace(path) };
    },
    snapshot: () => readdirSync(attachments).map(name => [name, readFileSync(join(attachments, name), 'utf8')]),
    damage: async () => {
      execFileSync('find', [attachments, '-type', 'f', '-delete']);
    },
    versions: ['0.3.1', '1.1.0'],
  });
  for (const { name, run } of cases) it(name, run);
});
