// Conditions that prevent a release.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

/** Reasons why not even a dry run is possible. */
export function obstaclesToTry(root: string): string[] {
  const git = (...args: readonly string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const changed = git('status', '--porcelain').stdout.trimEnd();
  const pending = globSync('.changeset/*.md', { cwd: root });
  return [
    ...(changed === '' ? [] : [`the working tree has changes; commit them or take them away:\n${changed}`]),
    ...(pending.length > 0 ? [] : ['there is no changeset, so nothing to release: see docs/CONTRIBUTING.md']),
  ];
}

/** Reasons why nothing can be published from here. */
export function obstaclesToPublish(root: string, env: NodeJS.ProcessEnv): string[] {
  const { stdout } = spawnSync('git', ['branch', '--show-current'], { cwd: root, encoding: 'utf8' });
  const branch = stdout.trim();
  const attested = env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? env['SIGSTORE_ID_TOKEN'];
  return [
    ...(env['NODE_AUTH_TOKEN'] ? [] : ['NODE_AUTH_TOKEN is not set: npm publishes for those with a token only']),
    ...(attested
      ? []
      : ['no identity token can be had here: provenance is attested only in CI, with the permission id-token: write']),
    ...(branch === 'main'
      ? []
      : [`this is ${branch ? `the branch "${branch}"` : 'no branch'}: releases are made from main`]),
    ...(originOf(root) ? [] : ['git has no remote "origin": a package must say where its sources are']),
  ];
}

/** Address of the sources. */
export function originOf(root: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
