// Until @spider/cni-skel/testing has a runtime: the ADD of a chain, as libcni makes it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './namespace.ts';
import type { Network } from './networks.ts';

export interface Attachment {
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
}

export interface Result {
  readonly ips: readonly { readonly address: string }[];
}

export class Runtime {
  readonly #prefix: readonly string[];
  readonly #path: readonly string[];

  constructor(options: { path: readonly string[]; prefix: readonly string[] }) {
    this.#prefix = options.prefix;
    this.#path = options.path;
  }

  async add({ cniVersion, name, plugins }: Network, { containerId, netns, ifname }: Attachment): Promise<Result> {
    let prevResult: Result | undefined;
    for (const plugin of plugins) {
      const program = this.#path.map(directory => join(directory, plugin.type)).find(existsSync) ?? plugin.type;
      const variables = Object.entries({
        COMMAND: 'ADD',
        CONTAINERID: containerId,
        NETNS: netns,
        IFNAME: ifname,
        PATH: this.#path.join(':'),
      });
      const env = ['env', ...variables.map(([key, value]) => `CNI_${key}=${value}`)];
      const conf = { cniVersion, name, ...plugin, prevResult };
      prevResult = JSON.parse(run([...env, ...this.#prefix, program], JSON.stringify(conf)));
    }
    return prevResult!;
  }
}
