// The container image, built as `npm run build:image` and deploy/Containerfile say, and run as a DaemonSet runs it.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binaries } from './binaries.ts';

const root = join(import.meta.dirname, '../..');

// They mount file systems that only the root of the machine may mount.
const isRealRoot = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/ +/)[2] === '4294967295';

describe.runIf(isRealRoot)('the image', () => {
  let directory: string;
  let storage: readonly string[];
  let env: NodeJS.ProcessEnv;

  beforeAll(() => {
    // What buildah and podman keep outside their storage vanishes with the sandbox.
    for (const place of ['/var/lib', '/var/tmp', '/sys/fs/cgroup'])
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place]);
    directory = mkdtempSync(join(root, 'dist/test-image-'));
    storage = ['--root', join(directory, 'storage'), '--runroot', join(directory, 'run'), '--storage-driver=vfs'];
    const settings = '[engine]\nruntime = "crun"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n';
    writeFileSync(join(directory, 'containers.conf'), settings);
    env = { ...process.env, CONTAINERS_CONF: join(directory, 'containers.conf') };
    build('veth', 'linux-x64', 'amd64');
    build('veth-arm64', 'linux-arm64', 'arm64');
  }, 180_000);
  afterAll(() => execFileSync('rm', ['-rf', directory]));

  function build(name: string, platform: string, architecture: string): void {
    const containerfile = join(root, 'deploy/Containerfile');
    const options = ['--isolation=chroot', '--arch', architecture, '--file', containerfile, '--tag', `${name}:test`];
    const args = [...storage, 'build', ...options, join(binaries, 'image', platform)];
    execFileSync('buildah', args, { env, stdio: 'pipe' });
  }

  /** The arguments of podman for a container with the rights that the DaemonSet has: none but those of its user. */
  function container(plugins: string, ...args: readonly string[]): string[] {
    // In the sandbox there are no control groups.
    const sandbox = ['--network=none', '--cgroups=disabled', '--security-opt=seccomp=unconfined'];
    const rights = ['--read-only', '--read-only-tmpfs=false', '--cap-drop=all', '--security-opt=no-new-privileges'];
    const volume = `--volume=${plugins}:/opt/cni/bin`;
    return [...storage, 'run', '--rm', ...sandbox, ...rights, volume, 'localhost/veth:test', ...args];
  }

  function makePlugins(name: string): string {
    const plugins = join(directory, name);
    mkdirSync(plugins);
    return plugins;
  }

  const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

  test('by itself installs the executable on the node, and stays until it is told to end', async () => {
    const plugins = makePlugins('stays');
    const child = spawn('podman', container(plugins), { env });
    const [said] = await once(child.stdout, 'data');
    expect(`${said}`).toBe('installed /opt/cni/bin/veth\n');
    expect(readdirSync(plugins)).toEqual(['veth']);
    expect(hash(join(plugins, 'veth'))).toBe(hash(join(binaries, 'veth-linux-x64')));
    expect(child.exitCode).toBe(null);
    // podman hands the signal on to the container.
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readdirSync(plugins)).toEqual(['veth']);
  });

  test('takes the executable away when asked', () => {
    const plugins = makePlugins('goes');
    const podman = (...args: readonly string[]) =>
      spawnSync('podman', container(plugins, ...args), { env, encoding: 'utf8' });
    expect(podman('install')).toMatchObject({ status: 0, stdout: 'installed /opt/cni/bin/veth\n' });
    expect(podman('uninstall', '--all')).toMatchObject({ status: 0 });
    expect(readdirSync(plugins)).toEqual([]);
  });

  test('for arm64 has all that its executable needs, on an emulated processor', () => {
    const place = join(binaries, 'image/linux-arm64');
    const { status, stdout } = spawnSync('qemu-aarch64-static', ['-L', place, join(place, 'veth'), 'version'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('CNI plugin veth');
    const images = execFileSync('buildah', [...storage, 'inspect', '--type=image', 'localhost/veth-arm64:test'], {
      env,
    });
    expect(JSON.parse(`${images}`).OCIv1).toMatchObject({
      architecture: 'arm64',
      config: { Entrypoint: ['/veth'], Cmd: ['install', '--stay'] },
    });
  });
});
