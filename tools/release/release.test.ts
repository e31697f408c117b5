// Runs `npm run release` in a copy of the workspace that is a repository of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const node24 = join(root, 'node_modules/.bin/node');
const apart = ['.git', '.nx', '.results', 'dist', 'node_modules'];

let workspace: string;
beforeAll(() => {
  mkdirSync(join(root, '.nx'), { recursive: true });
  // Below the root, so that the packages installed there are found.
  workspace = mkdtempSync(join(root, '.nx/release-test-'));
  for (const entry of readdirSync(root).filter(entry => !apart.includes(entry)))
    cpSync(join(root, entry), join(workspace, entry), {
      recursive: true,
      filter: path => !/\/(dist|\.results|node_modules)$/.test(path),
    });
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  // In the workspace node_modules is a directory, here a link.
  writeFileSync(join(workspace, '.gitignore'), 'node_modules\n', { flag: 'a' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message=All');
});
afterEach(() => expect(readdirSync(join(workspace, '.nx')).filter(name => name.startsWith('release-'))).toEqual([]));
afterAll(() => rmSync(workspace, { recursive: true }));

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: workspace, encoding: 'utf8' });
}

/** The state of the repository: commits, tags, and files that differ from them. */
const state = () => [git('for-each-ref'), git('status', '--porcelain')];

function release(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  mkdirSync(join(workspace, '.nx'), { recursive: true });
  const program = ['--conditions=@spider/source', join(workspace, 'tools/release/release.ts'), ...args];
  const { NODE_AUTH_TOKEN: _, ACTIONS_ID_TOKEN_REQUEST_URL: _url, ...rest } = process.env;
  return spawnSync(node24, program, { cwd: workspace, encoding: 'utf8', env: { ...rest, ...env } });
}

test('a dry run shows all that a release does, and leaves the tree as it is', { timeout: 400_000 }, () => {
  const before = state();
  const { status, stdout, stderr } = release(['--dry-run']);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^ {2}@spider\/ip \S+ → \d+\.\d+\.\d+$/m);
  expect(stdout).toMatch(/^# @spider\/ip\n\n## \d+\.\d+\.\d+\n\n### /m);
  expect(stdout).toMatch(/^ {2}CHANGELOG\.md \d+$/m);
  expect(stdout).not.toMatch(/^ {2}tools/m);
  expect(stdout).toMatch(/^@spider\/ip@\d+\.\d+\.\d+: \d+ bytes packed$/m);
  expect(stdout).toMatch(/^ {2}dist\/index\.js \d+$/m);
  expect(stdout).toMatch(/^ {2}dist\/veth-linux-x64\.cdx\.json \d+$/m);
  expect(stdout).toMatch(/^[0-9a-f]{64} {2}veth-linux-arm64$/m);
  expect(stdout).toMatch(/^ {2}veth@\d+\.\d+\.\d+$/m);
  expect(stdout).toMatch(/^ {2}npm publish spider-ip-\d+\.\d+\.\d+\.tgz --provenance --access=public$/m);
  expect(stdout).toContain('without --dry-run this would be refused: NODE_AUTH_TOKEN is not set');
  expect(state()).toEqual(before);
});

test('a release that cannot publish is refused before anything is made, and says all that is missing', () => {
  const before = state();
  const { status, stdout, stderr } = release([]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(
    /^release: NODE_AUTH_TOKEN .*\nrelease: no identity token .*\nrelease: git has no remote "origin"/,
  );
  expect(state()).toEqual(before);
});

test.each([
  ['--dry', "release: Unknown option '--dry': there is no option but --dry-run\n"],
  ['now', "release: Unexpected argument 'now': there is no option but --dry-run\n"],
])('what is no option is refused: %s', (option, stderr) => {
  const before = state();
  expect(release([option])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(stderr) });
  expect(state()).toEqual(before);
});

test('a --dry-run that npm took for itself is refused', () => {
  const stderr = 'release: npm took --dry-run for itself: npm run release -- --dry-run\n';
  expect(release([], { npm_config_dry_run: 'true' })).toMatchObject({ status: 2, stdout: '', stderr });
});

test('a release from another branch is refused', () => {
  git('switch', '--quiet', '--create=other');
  const { status, stderr } = release([]);
  git('switch', '--quiet', 'main');
  git('branch', '--delete', '--quiet', 'other');
  expect(status).toBe(2);
  expect(stderr).toContain('release: this is the branch "other": releases are made from main\n');
});

test.each([[['--dry-run']], [[]]])('a tree with changes is refused, and the changes are named: %j', args => {
  const file = join(workspace, 'left-over');
  writeFileSync(file, '');
  const { status, stderr } = release(args);
  rmSync(file);
  expect(status).toBe(2);
  expect(stderr).toContain('release: the working tree has changes; commit them or take them away:\n?? left-over\n');
});

test('a release publishes what is not there yet, those first on which others stand, then commits and tags', {
  timeout: 500_000,
}, () => {
  const bin = join(workspace, '.nx/bin');
  const published = join(workspace, '.nx/published');
  const real = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim();
  mkdirSync(bin, { recursive: true });
  // Replaces npm: the registry already has one package, from a release that failed, and receives the others.
  const stub = `#!/bin/bash
    case "$1 $2" in "view @spider/ip@"*) echo 1.0.0; exit;; view*) exit 1;; esac
    [ "$1" = publish ] || exec '${real}' "$@"
    env | grep -q '^npm_config_//.*:_authToken=secret$' || exit 1
    tar -xOf "$2" package/package.json >> '${published}'`;
  writeFileSync(join(bin, 'npm'), stub, { mode: 0o755 });
  git('remote', 'add', 'origin', 'git+ssh://git@localhost/spider.git');

  const env = { NODE_AUTH_TOKEN: 'secret', ACTIONS_ID_TOKEN_REQUEST_URL: 'yes' };
  const path = [bin, process.env['PATH']].join(delimiter);
  const { status, stderr } = release([], { ...env, PATH: path });
  expect(status, stderr).toBe(0);

  const manifests = readFileSync(published, 'utf8').split(/(?<=^}\n)/m);
  const told = manifests.map(text => JSON.parse(text));
  const names = told.map(({ name }) => name);
  expect(names.toSorted()).toEqual(
    ['cni-skel', 'libc', 'netfilter', 'netns', 'rtnetlink'].map(name => `@spider/${name}`),
  );
  for (const { name, repository, publishConfig, dependencies = {} } of told) {
    expect(repository).toEqual({
      type: 'git',
      url: expect.any(String),
      directory: name.replace('@spider', 'packages'),
    });
    expect(publishConfig).toEqual({ access: 'public', provenance: true });
    for (const dependency of Object.keys(dependencies).filter(name => names.includes(name)))
      expect(names.indexOf(dependency)).toBeLessThan(names.indexOf(name));
  }
  expect(git('log', '--format=%s').split('\n')).toEqual(['Release', 'All', '']);
  expect(git('tag', '--points-at=HEAD').trim().split('\n').length).toBe(8);
  expect(git('show', 'HEAD:deploy/chart/Chart.yaml')).not.toContain('ersion: 0.0.0');
  expect(git('status', '--porcelain')).toBe('');
  expect(readdirSync(join(workspace, 'dist'))).toContain('SHA256SUMS');

  expect(release(['--dry-run'])).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no changeset') });

  const changeset = '---\n"@spider/libc": patch\n---\n\nA mistake is mended.\n';
  writeFileSync(join(workspace, '.changeset/libc-mistake.md'), changeset);
  git('add', '--all');
  git('-c', 'user.name=test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '--message=Mend');
  const next = release(['--dry-run']);
  expect(next.status, next.stderr).toBe(0);
  expect(next.stdout).toMatch(/\nTags\n\n {2}@spider\/libc@\d+\.\d+\.1\n\nCommands\n\n.*spider-libc-.*\n\n/);
});
