// podman(1) with its CNI backend.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { inside, type Namespace, run } from '../../../../tools/lab/namespace.ts';
import { pluginDirs } from '../../../../tools/lab/pod.ts';
import { createRoot, entrypoint, imageName } from './image.ts';

export class Podman {
  readonly #node: Namespace;
  readonly #directory: string;

  /** @param directory for all that podman keeps */
  constructor(node: Namespace, directory: string, network: NetworkConfList) {
    this.#node = node;
    this.#directory = directory;
    const networks = join(directory, 'networks');
    mkdirSync(networks, { recursive: true });
    writeFileSync(join(networks, `${network.name}.conflist`), JSON.stringify(network));
    writeFileSync(
      join(directory, 'containers.conf'),
      `[network]
       network_backend = "cni"
       network_config_dir = ${JSON.stringify(networks)}
       cni_plugin_dirs = ${JSON.stringify(pluginDirs)}
       [engine]
       runtime = "crun"
       cgroup_manager = "cgroupfs"
       events_logger = "none"`,
    );
    this.run('import', `--change=ENTRYPOINT ${JSON.stringify(entrypoint)}`, createRoot(directory), imageName);
  }

  run(command: string, ...args: readonly string[]): string {
    const storage = ['--root', 'storage', '--runroot', 'run'].map(word =>
      word.startsWith('--') ? word : join(this.#directory, word),
    );
    const environment = ['env', `CONTAINERS_CONF=${join(this.#directory, 'containers.conf')}`];
    const podman = ['podman', ...storage, '--storage-driver=vfs', command, ...args];
    return run(inside(this.#node, [...environment, ...podman])).trim();
  }

  /** Starts a container and returns the path of its network namespace. */
  start(name: string, network: string): string {
    // In the sandbox there are no control groups.
    const options = ['--detach', '--cgroups=disabled', '--security-opt=seccomp=unconfined'];
    this.run('run', ...options, `--name=${name}`, `--network=${network}`, imageName);
    return this.run('inspect', '--format={{.NetworkSettings.SandboxKey}}', name);
  }

  remove(name: string): void {
    this.run('rm', '--force', '--time=0', name);
  }
}
