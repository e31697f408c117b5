// containerd, spoken to as kubelet does: through the Container Runtime Interface.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { NetworkConfList } from '@spider/cni-skel/testing';
import { inside, type Namespace, run } from '../../../../tools/lab/namespace.ts';
import { pluginDirs } from '../../../../tools/lab/pod.ts';
import { imageName } from './image.ts';

export class Containerd implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #client: InstanceType<ServiceClientConstructor>;
  readonly #directory: string;

  private constructor(process: ChildProcess, client: InstanceType<ServiceClientConstructor>, directory: string) {
    this.#process = process;
    this.#client = client;
    this.#directory = directory;
  }

  /**
   * Starts containerd on a node; its pods are attached to all networks at once.
   * @param directory for all that containerd keeps
   * @param image an archive of the image that keeps a pod's namespaces
   */
  static async start(
    node: Namespace,
    directory: string,
    image: string,
    networks: readonly NetworkConfList[],
  ): Promise<Containerd> {
    const socket = join(directory, 'containerd.sock');
    writeFileSync(join(directory, 'config.toml'), configure(directory, socket, networks));
    const log = openSync(join(directory, 'containerd.log'), 'w');
    const [program = '', ...args] = inside(node, ['containerd', `--config=${join(directory, 'config.toml')}`]);
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    await imported(socket, image);
    const definitions = loadPackageDefinition(loadSync(join(import.meta.dirname, 'cri.proto'), { keepCase: true }));
    const { RuntimeService } = (definitions as unknown as Definitions).runtime.v1;
    const client = new RuntimeService(`unix:${socket}`, credentials.createInsecure());
    return new Containerd(child, client, directory);
  }

  /** Starts a pod and returns its ID, and the address that Kubernetes would show. */
  async runPod(name: string): Promise<{ id: string; ip: string }> {
    const config = { metadata: { name, uid: name, namespace: 'default' }, log_directory: this.#directory, linux: {} };
    const { pod_sandbox_id: id } = await this.#call<PodID>('RunPodSandbox', { config });
    const { status } = await this.#call<PodStatus>('PodSandboxStatus', { pod_sandbox_id: id });
    return { id, ip: status.network.ip };
  }

  async removePod(id: string): Promise<void> {
    await this.#call('StopPodSandbox', { pod_sandbox_id: id });
    await this.#call('RemovePodSandbox', { pod_sandbox_id: id });
  }

  #call<T>(method: string, request: object): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#client[method]!(request, (error: Error | null, answer: T) => (error ? reject(error) : resolve(answer)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    const exited = once(this.#process, 'exit');
    this.#process.kill();
    await exited;
  }
}

interface Definitions {
  readonly runtime: { readonly v1: { readonly RuntimeService: ServiceClientConstructor } };
}
interface PodID {
  readonly pod_sandbox_id: string;
}
interface PodStatus {
  readonly status: { readonly network: { readonly ip: string } };
}

/** Imports the image as soon as containerd listens. */
async function imported(socket: string, image: string): Promise<void> {
  const ctr = ['ctr', `--address=${socket}`, '--namespace=k8s.io'];
  for (let attempt = 0; ; attempt++) {
    try {
      run([...ctr, 'images', 'import', '--snapshotter=native', image]);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(100);
    }
  }
}

function configure(directory: string, socket: string, networks: readonly NetworkConfList[]): string {
  const [binDir, confDir, crun] = ['bin', 'networks', 'crun'].map(name => join(directory, name)) as [
    string,
    string,
    string,
  ];
  // This containerd takes its plugins from one directory.
  mkdirSync(binDir, { recursive: true });
  for (const source of pluginDirs)
    for (const name of readdirSync(source)) symlinkSync(join(source, name), join(binDir, name));
  mkdirSync(confDir);
  for (const [i, network] of networks.entries()) writeFileSync(join(confDir, `${i}.conflist`), JSON.stringify(network));
  // In the sandbox there are no control groups.
  writeFileSync(crun, '#!/bin/sh\nexec crun --cgroup-manager=disabled "$@"\n');
  chmodSync(crun, 0o755);
  return `
    version = 2
    root = ${JSON.stringify(join(directory, 'root-of-containerd'))}
    state = ${JSON.stringify(join(directory, 'state'))}
    [grpc]
      address = ${JSON.stringify(socket)}
    [plugins."io.containerd.grpc.v1.cri"]
      disable_cgroup = true
      disable_apparmor = true
      restrict_oom_score_adj = true
      sandbox_image = ${JSON.stringify(imageName)}
      [plugins."io.containerd.grpc.v1.cri".containerd]
        snapshotter = "native"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"
          [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
            BinaryName = ${JSON.stringify(crun)}
      [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = ${JSON.stringify(binDir)}
        conf_dir = ${JSON.stringify(confDir)}
        max_conf_num = ${networks.length}
  `;
}
