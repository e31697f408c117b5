// npm run build:binaries: builds the executables of all platforms, with checksums and bills of materials, in dist/.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../build/compile.ts';
import { fetchRelease, locked } from './registry.ts';
import { billOfMaterials } from './sbom.ts';

const root = join(import.meta.dirname, '../..');

/** Directory of the executables, after `npm run build:binaries`. */
export const binaries = join(root, 'dist');

// Platforms without "musl" use glibc. There is no variant for machines without AVX2, because Bun's x64 runtimes do not
// require it.
export const platforms = ['linux-x64', 'linux-x64-musl', 'linux-arm64', 'linux-arm64-musl'] as const;
export type Platform = (typeof platforms)[number];

const program = 'apps/veth/src';

/** The npm package with Bun for a platform, in the version that the workspace uses. */
export function runtimeOf(platform: Platform) {
  return locked(`@oven/bun-${platform.replace('arm64', 'aarch64')}`);
}

/** Builds `veth-<platform>` from the sources in a directory, and returns its path and its SBOM. */
export function buildBinary(sources: string, platform: Platform, outdir: string): { file: string; sbom: string } {
  const runtime = runtimeOf(platform);
  const file = join(outdir, `veth-${platform}`);
  const scratch = mkdtempSync(join(tmpdir(), 'metafile-'));
  try {
    const metafile = join(scratch, 'meta.json');
    const target = { name: platform, runtime: join(fetchRelease(runtime), 'bin/bun') };
    compile(join(sources, program, 'main.ts'), file, { target, metafile });
    const meta = JSON.parse(readFileSync(metafile, 'utf8')) as { readonly inputs: object };
    const inputs = Object.keys(meta.inputs).map(input => join(program, input));
    return { file, sbom: billOfMaterials({ file, runtime, sha256: sha256(file), inputs }) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

if (import.meta.main) {
  rmSync(binaries, { recursive: true, force: true });
  mkdirSync(binaries);
  const sums: string[] = [];
  for (const platform of platforms) {
    const { file, sbom } = buildBinary(root, platform, binaries);
    writeFileSync(`${file}.cdx.json`, sbom);
    sums.push(`${sha256(file)}  veth-${platform}\n`);
  }
  writeFileSync(join(binaries, 'SHA256SUMS'), sums.join(''));
}
