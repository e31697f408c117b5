// Builds the container image by `npm run build:image` and deploy/Containerfile, and runs it as a DaemonSet does.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chownSync,
  globSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DaemonSet } from 'kubernetes-models/apps/v1';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { daemonset, golden } from '../deploy/manifests.ts';
import { createLab } from '../lab/lab.ts';
import { ip } from '../lab/namespace.ts';
import { underlay, veth } from '../lab/networks.ts';
import { createPod } from '../lab/pod.ts';
import { binaries } from './binaries.ts';
import { compressLayout } from './compress.ts';
import { images } from './image.ts';

const root = join(import.meta.dirname, '../..');

// buildah and podman mount file systems that only the machine's root may mount.
const isRealRoot = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/ +/)[2] === '4294967295';

describe.runIf(isRealRoot)('the image', () => {
  let directory: string;
  let storage: readonly string[];
  let env: NodeJS.ProcessEnv;

  beforeAll(() => {
    // Files of buildah and podman outside of their storage disappear with the sandbox.
    for (const place of ['/var/lib', '/var/tmp', '/sys/fs/cgroup'])
      execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place]);
    directory = mkdtempSync(join(root, 'dist/test-image-'));
    storage = ['--root', join(directory, 'storage'), '--runroot', join(directory, 'run'), '--storage-driver=vfs'];
    const settings = '[engine]\nruntime = "crun"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n';
    writeFileSync(join(directory, 'containers.conf'), settings);
    env = { ...process.env, CONTAINERS_CONF: join(directory, 'containers.conf') };
    build('veth', 'linux-x64', 'amd64');
    build('veth-arm64', 'linux-arm64', 'arm64');
  });
  afterAll(() => execFileSync('rm', ['-rf', directory]));

  function build(name: string, platform: string, architecture: string): void {
    const containerfile = join(root, 'deploy/Containerfile');
    const options = [
      '--isolation=chroot',
      '--arch',
      architecture,
      '--file',
      containerfile,
      '--manifest',
      'veth-all:test',
      '--tag',
      `${name}:test`,
    ];
    const args = [...storage, 'build', ...options, join(binaries, 'image', platform)];
    execFileSync('buildah', args, { env, stdio: 'pipe' });
  }

  /** Capabilities of the DaemonSet's container, as arguments of podman. */
  function capabilities(): string[] {
    const { spec } = parse(readFileSync(daemonset, 'utf8')) as DaemonSet;
    const { add, drop } = spec!.template.spec!.containers[0]!.securityContext!.capabilities!;
    return [...drop!.map(name => `--cap-drop=${name}`), ...add!.map(name => `--cap-add=${name}`)];
  }

  /** Arguments of podman for a container with the rights of the DaemonSet's container. */
  function container(
    plugins: string,
    args: readonly string[] = [],
    { rights = capabilities(), image = 'veth:test' } = {},
  ) {
    // The sandbox has no control groups.
    const sandbox = ['--network=none', '--cgroups=disabled', '--security-opt=seccomp=unconfined'];
    const limits = ['--read-only', '--read-only-tmpfs=false', ...rights, '--security-opt=no-new-privileges'];
    const volume = `--volume=${plugins}:/opt/cni/bin`;
    return [...storage, 'run', '--rm', ...sandbox, ...limits, volume, `localhost/${image}`, ...args];
  }

  function run(...how: Parameters<typeof container>): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync('podman', container(...how), { env, encoding: 'utf8' });
    return { status, stdout, stderr };
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
    // podman passes the signal on to the container.
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readdirSync(plugins)).toEqual(['veth']);
  });

  test.each(Object.entries(images))(
    'for %s has the executable, what of glibc it needs, and the licences',
    (platform, { loader }) => {
      const place = join(binaries, 'image', platform);
      const files = globSync('**', { cwd: place }).filter(file => statSync(join(place, file)).isFile());
      const libraries = ['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0'].map(name => `lib/${name}`);
      const licences = ['libc6', 'veth'].map(name => `usr/share/doc/${name}/copyright`);
      expect(files.sort()).toEqual([...libraries, loader.slice(1), ...licences, 'veth'].sort());
    },
  );

  test('reconciles the pods of its node, with what the DaemonSet mounts', async () => {
    const { node, lan } = await createLab('image-');
    const pod = await createPod(node, 'image-pod', { eth0: underlay(node, lan.ranges, [veth]) });
    const { spec } = parse(readFileSync(golden('operator'), 'utf8').split('\n---\n')[0]!) as DaemonSet;
    const { containers } = spec!.template.spec!;
    const { args, securityContext, volumeMounts } = containers.find(({ name }) => name === 'reconcile')!;
    expect(args).toEqual(['reconcile', '--every', '60']);
    expect(securityContext).toMatchObject({ privileged: true, readOnlyRootFilesystem: true });
    const places: Record<string, string> = { namespaces: '/run/netns', attachments: `/run/cni/${node.name}` };
    const volumes = volumeMounts!.map(({ name, mountPath, readOnly }) => {
      return `--volume=${places[name]}:${mountPath}:${readOnly ? 'ro' : 'rslave'}`;
    });
    const options = ['--privileged', '--read-only', '--cgroups=disabled', `--network=ns:${node.path}`, ...volumes];
    const reconcile = () =>
      spawnSync('podman', [...storage, 'run', '--rm', ...options, 'localhost/veth:test', 'reconcile'], {
        env,
        encoding: 'utf8',
      });
    expect(reconcile()).toMatchObject({ status: 0, stdout: '1 attachment: as configured\n', stderr: '' });
    for (const damage of ['route delete 10.96.0.0/16', 'link delete veth0']) {
      ip(pod, [damage]);
      expect(reconcile()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^1 attachment: 1 changed$/m) });
      expect(reconcile().stdout).toBe('1 attachment: as configured\n');
    }
  });

  test('takes the executable away when asked', () => {
    const plugins = makePlugins('goes');
    expect(run(plugins, ['install'])).toMatchObject({ status: 0, stdout: 'installed /opt/cni/bin/veth\n' });
    expect(run(plugins, ['uninstall', '--all'])).toMatchObject({ status: 0 });
    expect(readdirSync(plugins)).toEqual([]);
  });

  describe('in a directory that another user owns', () => {
    const kube = 997;
    const old = 'the plugin that was there before';

    function makeKubes(name: string): { plugins: string; veth: string } {
      const plugins = makePlugins(name);
      chownSync(plugins, kube, kube);
      return { plugins, veth: join(plugins, 'veth') };
    }

    test('keeps that user’s file, and puts it back', () => {
      const { plugins, veth } = makeKubes('file');
      writeFileSync(veth, old);
      chownSync(veth, kube, kube);
      expect(run(plugins, ['install'])).toMatchObject({ status: 0, stderr: '' });
      expect(hash(veth)).toBe(hash(join(binaries, 'veth-linux-x64')));
      expect(run(plugins, ['uninstall'])).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(veth, 'utf8')).toBe(old);
    });

    test('keeps that user’s symbolic link, and puts it back', () => {
      const { plugins, veth } = makeKubes('link');
      symlinkSync('/nowhere', veth);
      lchownSync(veth, kube, kube);
      expect(run(plugins, ['install'])).toMatchObject({ status: 0, stderr: '' });
      expect(run(plugins, ['uninstall'])).toMatchObject({ status: 0, stderr: '' });
      expect(readlinkSync(veth)).toBe('/nowhere');
    });

    test('could not install without its capability', () => {
      const { plugins } = makeKubes('denied');
      const { status, stderr } = run(plugins, ['install'], { rights: ['--cap-drop=ALL'] });
      expect(status).toBe(2);
      expect(stderr).toContain('EACCES');
    });
  });

  describe('compressed as the quick start says', { timeout: 900_000 }, () => {
    let pushed: string;
    beforeAll(() => {
      const layout = join(directory, 'layout');
      pushed = join(directory, 'pushed');
      const copy = (program: string, ...args: readonly string[]) => execFileSync(program, args, { env, stdio: 'pipe' });
      copy('buildah', ...storage, 'manifest', 'push', '--all', '--rm', 'veth-all:test', `oci:${layout}:veth`);
      compressLayout(layout);
      copy('skopeo', 'copy', '--all', `oci:${layout}:veth`, `oci:${pushed}:veth`);
      const place = `[vfs@${storage[1]}+${storage[3]}]`;
      copy('skopeo', 'copy', `oci:${pushed}:veth`, `containers-storage:${place}localhost/compressed:test`);
    }, 900_000);

    test('has at most 45 MB on each processor', () => {
      const blobs = join(pushed, 'blobs/sha256');
      const layers = readdirSync(blobs)
        .filter(name => statSync(join(blobs, name)).size < 10_000)
        .flatMap(name => JSON.parse(readFileSync(join(blobs, name), 'utf8')).layers ?? []);
      expect(layers.length).toBe(2);
      for (const { mediaType, digest, size } of layers) {
        expect(mediaType).toBe('application/vnd.oci.image.layer.v1.tar+zstd');
        expect(statSync(join(blobs, digest.replace('sha256:', ''))).size).toBe(size);
        expect(size).toBeLessThanOrEqual(45e6);
      }
    });

    test('installs the same executable', () => {
      const plugins = makePlugins('compressed');
      expect(run(plugins, ['install'], { image: 'compressed:test' })).toMatchObject({ status: 0, stderr: '' });
      expect(hash(join(plugins, 'veth'))).toBe(hash(join(binaries, 'veth-linux-x64')));
    });
  });

  test('for arm64 has all that its executable needs, on an emulated processor', () => {
    const place = join(binaries, 'image/linux-arm64');
    const { status, stdout } = spawnSync('qemu-aarch64-static', ['-L', place, join(place, 'veth'), 'version'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('CNI plugin veth');
    const inspected = execFileSync('buildah', [...storage, 'inspect', '--type=image', 'localhost/veth-arm64:test'], {
      env,
    });
    expect(JSON.parse(`${inspected}`).OCIv1).toMatchObject({
      architecture: 'arm64',
      config: { Entrypoint: ['/veth'], Cmd: ['install', '--stay'] },
    });
  });
});
