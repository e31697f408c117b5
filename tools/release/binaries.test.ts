// Tests the executables of a release, which `npm run build:binaries` has built.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hugePage, loadedSegments } from '../build/align.ts';
import { runInSandbox } from '../sandbox.ts';
import { binaries, buildBinary, platforms, runtimeOf, sha256 } from './binaries.ts';
import { architectures, createMuslRoot, fetchMuslForArm64, linkLibstdcxx } from './musl.ts';

const root = join(import.meta.dirname, '../..');
const fileOf = (platform: string) => join(binaries, `veth-${platform}`);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'binaries-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a command that runs the plugin, and asks for its version. */
function versionBy(...command: readonly string[]): unknown {
  const [program = '', ...args] = command;
  const env = { PATH: process.env['PATH'], CNI_COMMAND: 'VERSION' };
  const { stdout, stderr, status } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${status}\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}
const answer = { cniVersion: '1.1.0', supportedVersions: expect.arrayContaining(['0.3.1', '1.1.0']) };

test('there is one for each platform, and SHA256SUMS has their sums', () => {
  const checked = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: binaries, encoding: 'utf8' });
  expect(checked).toBe(platforms.map(platform => `veth-${platform}: OK\n`).join(''));
});

test.each(platforms)('for %s has at most 115 MB', platform => {
  expect(statSync(fileOf(platform)).size).toBeLessThanOrEqual(115e6);
});

test.each(platforms)('for %s has the size that docs/performance.md tells', platform => {
  const page = readFileSync(join(root, 'docs/performance.md'), 'utf8');
  const [, told = ''] = new RegExp(`^\\| \`veth-${platform}\` \\| ([\\d.]+) \\|$`, 'm').exec(page) ?? [];
  const megabytes = statSync(fileOf(platform)).size / 1e6;
  // Small changes of the size need no change of the page.
  expect(Math.abs(Number(told) - megabytes), `${megabytes} MB`).toBeLessThan(1);
});

test.each(platforms)('for %s can be mapped with huge pages', platform => {
  const segments = loadedSegments(readFileSync(fileOf(platform)));
  expect(segments.length).toBeGreaterThan(1);
  for (const { offset, address } of segments) expect((address - offset) % hugePage).toBe(0);
});

describe('another build, of the same sources in another place,', () => {
  let sources: string;
  let outdir: string;
  beforeAll(() => {
    sources = copySources(join(directory, 'elsewhere'));
    outdir = join(directory, 'rebuilt');
    mkdirSync(outdir);
  });

  test.each(platforms)('gives the same for %s', { timeout: 300_000 }, platform => {
    const { file, sbom } = buildBinary(sources, platform, outdir);
    expect(sha256(file)).toBe(sha256(fileOf(platform)));
    expect(sbom).toBe(readFileSync(`${fileOf(platform)}.cdx.json`, 'utf8'));
    rmSync(file);
  });
});

/** Everything that the compiler reads: the workspace's packages, how TypeScript is compiled, and their dependencies from npm. */
function copySources(place: string): string {
  mkdirSync(join(place, 'node_modules/@spider'), { recursive: true });
  cpSync(join(root, 'tsconfig.base.json'), join(place, 'tsconfig.base.json'));
  for (const project of globSync('{packages,apps}/*', { cwd: root }))
    for (const part of ['src', 'package.json', 'tsconfig.json'])
      cpSync(join(root, project, part), join(place, project, part), { recursive: true });
  for (const project of globSync('packages/*', { cwd: root }))
    symlinkSync(join('../..', project), join(place, 'node_modules/@spider', project.replace('packages/', '')));
  symlinkSync('../apps/route-table', join(place, 'node_modules/route-table'));
  cpSync(join(root, 'node_modules/ipaddr.js'), join(place, 'node_modules/ipaddr.js'), { recursive: true });
  return place;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly object[];
}

function manifestOf(name: string): { readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
}

describe.each(platforms)('the bill of materials for %s', platform => {
  const text = readFileSync(`${fileOf(platform)}.cdx.json`, 'utf8');
  const { metadata, components } = JSON.parse(text) as {
    readonly metadata: { readonly component: { readonly hashes: readonly object[] } };
    readonly components: readonly Component[];
  };

  test('is valid CycloneDX', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
  });

  test('is that of the executable', () => {
    expect(metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: sha256(fileOf(platform)) }]);
  });

  test('names the packages that are in it and the runtime, and none that is not', () => {
    const runtime = `@oven/bun-${platform.replace('arm64', 'aarch64')}`;
    const ours = ['cni-skel', 'ip', 'libc', 'netfilter', 'netns', 'rtnetlink'].map(name => `@spider/${name}`);
    expect(components.map(({ name }) => name)).toEqual([...ours, 'ipaddr.js', 'route-table', runtime]);
  });

  test('has of each the version and the licence that it names itself', () => {
    for (const { name, version, licenses } of components) {
      const { version: locked, license } = name.startsWith('@oven/') ? runtimeOf(platform) : manifestOf(name);
      expect({ name, version, licenses }).toEqual({ name, version: locked, licenses: [{ license: { id: license } }] });
    }
  });

  test('has the sum of all that comes from npm', () => {
    for (const { name, hashes } of components)
      if (!name.startsWith('@spider/') && name !== 'route-table')
        expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
  });
});

describe('on a processor without AVX', () => {
  const nehalem = ['qemu-x86_64-static', '-cpu', 'Nehalem'] as const;

  test('a program with one AVX2 instruction is killed', () => {
    const file = join(directory, 'avx2');
    writeFileSync(file, avx2Program());
    chmodSync(file, 0o755);
    expect(spawnSync(file).status).toBe(0);
    expect(spawnSync(nehalem[0], [...nehalem.slice(1), file]).signal).toBe('SIGILL');
  });

  test('the executable for linux-x64 answers', () => {
    expect(versionBy(...nehalem, fileOf('linux-x64'))).toMatchObject(answer);
  });

  test('the executable for linux-x64-musl answers', () => {
    const place = join(directory, 'musl-nehalem');
    createMuslRoot(place, fileOf('linux-x64-musl'), architectures.x64);
    const environment = ['-L', place, '-E', `LD_LIBRARY_PATH=${place}/lib`];
    expect(versionBy(...nehalem, ...environment, fileOf('linux-x64-musl'))).toMatchObject(answer);
  });
});

/** An ELF file with the instructions `vpaddd ymm0, ymm0, ymm0` and exit(0). */
function avx2Program(): Uint8Array {
  const code = Buffer.from('c5fdfec0' + 'b83c000000' + '31ff' + '0f05', 'hex');
  const start = 0x400000;
  const file = Buffer.alloc(120 + code.length);
  Buffer.from('7f454c46020101', 'hex').copy(file);
  for (const [i, value] of [2, 62, 1].entries()) file.writeUInt16LE(value, 16 + 2 * i); // executable, x86-64, version
  file.writeBigUInt64LE(BigInt(start + 120), 24); // entry
  file.writeUInt32LE(64, 32); // the program header begins behind this one
  for (const [i, value] of [64, 56, 1].entries()) file.writeUInt16LE(value, 52 + 2 * i); // sizes, one program header
  for (const [i, value] of [1, 5].entries()) file.writeUInt32LE(value, 64 + 4 * i); // load, readable and executable
  const extent = [0, start, start, file.length, file.length, 0x1000];
  for (const [i, value] of extent.entries()) file.writeBigUInt64LE(BigInt(value), 72 + 8 * i);
  code.copy(file, 120);
  return file;
}

test('the executable for linux-arm64 answers, on an emulated processor', () => {
  expect(versionBy('qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu', fileOf('linux-arm64'))).toMatchObject(answer);
});

test('the executable for linux-arm64-musl answers, on an emulated processor', () => {
  const place = join(directory, 'musl-emulated');
  createMuslRoot(place, fileOf('linux-arm64-musl'), architectures.arm64, fetchMuslForArm64());
  const environment = ['-L', place, '-E', `LD_LIBRARY_PATH=${place}/lib`];
  expect(versionBy('qemu-aarch64-static', ...environment, fileOf('linux-arm64-musl'))).toMatchObject(answer);
});

test.each([
  ['linux-arm64', '/lib/ld-linux-aarch64.so.1'],
  ['linux-arm64-musl', '/lib/ld-musl-aarch64.so.1'],
] as const)('the executable for %s is one for this processor and its loader', (platform, interpreter) => {
  const headers = execFileSync('readelf', ['--file-header', '--program-headers', fileOf(platform)], {
    encoding: 'utf8',
  });
  expect(headers).toMatch(/Machine: +AArch64/);
  expect(headers).toContain(`[Requesting program interpreter: ${interpreter}]`);
});

test('the executable for linux-x64-musl answers with nothing beside it but musl and libstdc++', () => {
  const place = join(directory, 'musl-alone');
  createMuslRoot(place, fileOf('linux-x64-musl'), architectures.x64);
  cpSync(fileOf('linux-x64-musl'), join(place, 'bin/veth'));
  const alone = `mount -t proc proc '${place}/proc' && exec chroot '${place}' /bin/veth`;
  expect(versionBy('unshare', '--mount', 'sh', '-ec', alone)).toMatchObject(answer);
});

describe('the quickstart passes', () => {
  /** Runs the quickstart in a sandbox of its own, with another executable instead of that for this machine. */
  function quickstart(executable: string, before = 'true'): string {
    const mounts = `mount --bind '${executable}' '${join(root, 'apps/veth/dist/veth')}' && ${before} && exec "$@"`;
    const program = [process.execPath, '--conditions=@spider/source', join(root, 'tools/lab/quickstart.ts')];
    const { status, stdout, stderr } = runInSandbox('sh', ['-ec', mounts, 'sh', ...program], { stdio: 'pipe' });
    expect(status, `${stderr}`).toBe(0);
    return `${stdout}`;
  }

  test('with the executable for linux-x64', () => {
    expect(quickstart(fileOf('linux-x64'))).toMatch(/^pod +ClusterIP +fails +fails +works +works$/m);
  });

  test('with the executable for linux-x64-musl', () => {
    const libraries = join(directory, 'musl-libraries');
    mkdirSync(libraries);
    linkLibstdcxx(fileOf('linux-x64-musl'), join(libraries, 'libstdc++.so.6'), architectures.x64);
    // Directory in which musl's loader searches for libraries.
    const path = architectures.x64.loader.replace('/lib/', '/etc/').replace('.so.1', '.path');
    writeFileSync(join(directory, 'path'), `${libraries}\n`);
    const printed = quickstart(fileOf('linux-x64-musl'), `mount --bind '${join(directory, 'path')}' ${path}`);
    expect(printed).toMatch(/^pod +ClusterIP +fails +fails +works +works$/m);
  });
});
