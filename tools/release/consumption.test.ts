// Tests the published packages as their users install them.
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runInSandbox } from '../sandbox.ts';
import { fetchNodes } from '../test/nodes.ts';
import { createProject, type Packed, pack, packAll } from './tarballs.ts';
import { fetchOldestTypeScript, oldestTypeScript } from './typescript.ts';

const root = join(import.meta.dirname, '../..');
const runtimes = Object.entries({
  ...fetchNodes(),
  node24: process.execPath,
  bun: join(root, 'node_modules/.bin/bun'),
});

const directory = mkdtempSync(join(tmpdir(), 'consumption-'));
const packed = packAll(directory);
const modules = packed.flatMap(({ modules }) => modules);
const project = join(directory, 'project');

beforeAll(() => {
  const types = pack(['node_modules/@types/node', 'node_modules/undici-types'], directory);
  createProject(project, [...packed.map(({ tarball }) => tarball), ...types]);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes a program to the project, runs it, and returns its exit status and output. */
function run(runtime: string, file: string, source: string) {
  writeFileSync(join(project, file), source);
  // Node 22 warns that type stripping is experimental.
  const args = runtime.endsWith('bun') ? [file] : ['--disable-warning=ExperimentalWarning', file];
  // Each runs in a sandbox of its own, because the examples leave links and tables behind.
  const { stdout, stderr, status } = runInSandbox(runtime, args, { cwd: project, stdio: 'pipe' });
  return { status, stdout: `${stdout}`, stderr: `${stderr}` };
}

describe.each(runtimes)('on %s', (_, runtime) => {
  test.each(modules)('%s gives the same to import and to require', module => {
    const names = (of: string) => `console.log(Object.keys(${of}).filter(name => name !== 'default').sort().join());`;
    const imported = run(runtime, 'esm.mjs', `import * as all from '${module}'; ${names('all')}`);
    expect(imported).toEqual({ status: 0, stdout: expect.stringMatching(/^\w+/), stderr: '' });
    expect(run(runtime, 'cjs.cjs', `const all = require('${module}'); ${names('all')}`)).toEqual(imported);
  });

  test.each(['import', 'require'])('a plugin that comes by %s serves requests', by => {
    const source = `
      ${by === 'import' ? "import { definePlugin } from '@spider/cni-skel'" : "const { definePlugin } = require('@spider/cni-skel')"};
      const { invoke } = definePlugin({ name: 'p', version: '1', add: () => ({ dns: { domain: 'd' } }), del() {} });
      const env = { CNI_CONTAINERID: 'c', CNI_NETNS: '/none', CNI_IFNAME: 'eth0', CNI_PATH: '/none' };
      const stdin = '{"cniVersion":"1.1.0","name":"n","type":"p"}';
      for (const CNI_COMMAND of ['VERSION', 'ADD'])
        invoke({ env: { ...env, CNI_COMMAND }, stdin }).then(({ exitCode, result }) => console.log(exitCode, result?.dns.domain));
    `;
    const file = by === 'import' ? 'request.mjs' : 'request.cjs';
    expect(run(runtime, file, source)).toEqual({ status: 0, stdout: '0 undefined\n0 d\n', stderr: '' });
  });

  test('an error of one copy of cni-skel is one to the others', () => {
    const source = `
      import { createRequire } from 'node:module';
      import { CNIError } from '@spider/cni-skel';
      const require = createRequire(import.meta.url);
      const { CNIError: Other } = require('@spider/cni-skel');
      const { Runtime } = require('@spider/cni-skel/testing');
      const ofTesting = await new Runtime({ pluginDirs: [] }).status({ name: '', plugins: [] }).catch(error => error);
      class Own extends CNIError {}
      const copies = [new CNIError(100, ''), new Other(100, ''), ofTesting];
      console.log(CNIError === Other, ofTesting.code);
      for (const error of copies) console.log(error instanceof CNIError, error instanceof Other, error instanceof Own);
    `;
    const stdout = 'false 7\ntrue true false\ntrue true false\ntrue true false\n';
    expect(run(runtime, 'copies.mjs', source)).toEqual({ status: 0, stdout, stderr: '' });
  });

  test.each(examples())('the example of $name does what it says', ({ file, source, promised }) => {
    const printed = promised.map(line => `${line}\n`).join('');
    // A plugin that is called without a command prints its name.
    const stderr = file.startsWith('cni-skel') ? expect.stringMatching(/^CNI plugin \w+ v1\.0\.0\n/) : '';
    expect(run(runtime, file, source)).toEqual({ status: 0, stdout: printed, stderr });
  });
});

test.each(packed)('the README of $name says what its tarball weighs', ({ readme, tarball }) => {
  const [, stated = ''] = /\b(\d+) kB packed/.exec(readme) ?? [];
  const actual = statSync(tarball).size / 1000;
  // Small changes of the size need no change of the README.
  expect(Math.abs(Number(stated) - actual), `${actual} kB`).toBeLessThan(0.15 * actual);
});

/** A file that several entry points share; its name ends with a hash. */
const shared = /^dist\/[\w-]+-[\w-]{8}\.(js|cjs|d\.ts|d\.cts)$/;

test.each(packed)('the tarball of $name holds its sources, what is made of them, and nothing else', packed => {
  const { directory, tarball } = packed;
  const listed = execFileSync('tar', ['--list', `--file=${tarball}`], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const files = listed.map(path => path.replace('package/', '')).sort();
  const manifest = readFileSync(join(directory, 'package.json'), 'utf8');
  const named = [...manifest.matchAll(/"\.\/(dist\/[^"]+)"/g)].map(([, path = '']) => path);
  const modules = named.filter(path => path.endsWith('.js')).flatMap(path => [path, path.replace(/js$/, 'cjs')]);
  const maps = manifest.includes('--sourcemap') ? modules.map(path => `${path}.map`) : [];
  const built = new Set([...named, ...modules, ...maps]);
  const sources = globSync('src/**/*.{ts,cjs}', { cwd: directory }).filter(path => !/\.test(-d)?\.ts$/.test(path));
  // The first release creates it.
  const changelog = globSync('CHANGELOG.md', { cwd: directory });
  const expected = ['LICENSE', 'README.md', 'package.json', ...changelog, ...built, ...sources].sort();
  expect(files.filter(path => !shared.test(path))).toEqual(expected);
});

test('an error of minified code leads to the sources in the tarball, where the runtime reads source maps', () => {
  const source = `import { parseResult } from '@spider/cni-skel/result';
    try { parseResult({ ips: 3 }, '1.0.0'); } catch (error) { console.log(error.stack); }`;
  writeFileSync(join(project, 'stack.mjs'), source);
  const stack = execFileSync('node', ['--enable-source-maps', 'stack.mjs'], { cwd: project, encoding: 'utf8' });
  const [, file = '', line] = /\((.*cni-skel\/src\/result\/parse\.ts):(\d+):/.exec(stack) ?? [];
  expect(readFileSync(file, 'utf8').split('\n')[Number(line) - 1]).toContain("member(result, 'ips'");
});

interface Example {
  /** `@spider/rtnetlink, 2` is the second example of that README. */
  readonly name: string;
  readonly file: string;
  readonly source: string;
  /** The output that its comments announce. */
  readonly promised: readonly string[];
}

function examples(): Example[] {
  return packed.flatMap(({ name, readme }: Packed) =>
    [...readme.matchAll(/```[jt]s\n(.*?)```/gs)].map(([, source = ''], i) => {
      const promised = [...source.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, text = '']) => text);
      const file = `${name.slice(name.indexOf('/') + 1)}-${i}.mts`;
      return { name: `${name}, ${i + 1}`, file, source, promised };
    }),
  );
}

const compilers = { oldest: fetchOldestTypeScript(), newest: join(root, 'node_modules/typescript') };

test.each(packed)('the README of $name names the oldest TypeScript', ({ readme }) => {
  expect(readme.replaceAll('\n', ' ')).toContain(`TypeScript ${oldestTypeScript} or newer.`);
});

describe.each([
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('with module %s and moduleResolution %s', (module, moduleResolution) => {
  test.each(Object.entries(compilers))(
    'the %s TypeScript finds no mistake in the examples, nor in the declarations',
    (_, compiler) => {
      const options = {
        module,
        moduleResolution,
        target: 'es2022',
        lib: ['es2023', 'esnext.disposable'],
        strict: true,
      };
      const sources = examples().map(({ file, source }) => {
        writeFileSync(join(project, file), source);
        return file;
      });
      if (moduleResolution !== 'bundler') {
        writeFileSync(
          join(project, 'all.cts'),
          modules.map((name, i) => `import m${i} = require('${name}'); void m${i};`).join('\n'),
        );
        sources.push('all.cts');
      }
      const tsconfig = { compilerOptions: { ...options, types: ['node'], noEmit: true }, files: sources };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
      const { stdout } = spawnSync(process.execPath, [join(compiler, 'bin/tsc')], { cwd: project, encoding: 'utf8' });
      expect(stdout).toBe('');
    },
  );
});
