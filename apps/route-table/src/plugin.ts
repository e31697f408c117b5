// Source-based routing: packets from an address of the NIC take the NIC's own routes. Everything is in the pod's network
// namespace and is deleted with it, so there is nothing for GC to do.
import { CNIError, definePlugin, ErrorCode, type Plugin } from '@spider/cni-skel';
import { Rtnetlink, rule } from '@spider/rtnetlink';
import { make } from './change.ts';
import { configSchema, unset } from './config.ts';
import { plan } from './plan.ts';
import { Code, observe, open } from './pod.ts';
import { remove } from './remove.ts';

/** The chained CNI plugin `route-table`. */
export const routeTable: Plugin = definePlugin({
  name: 'route-table',
  version: '0.0.0',
  kind: 'chained',
  conf: configSchema,
  // DEL goes by the kernel's rules and routes, not by the configuration.
  salvage: () => unset,

  add({ conf, ifName, netns, prevResult, rollback, log }) {
    for (const warning of conf.warnings) log.warn(warning);
    const pod = rollback.adopt(open(netns), opened => opened.close());
    const { added, removed } = plan(conf, observe(pod, ifName), prevResult);
    make(added, pod, rollback);
    make(removed, pod, rollback);
  },

  check({ conf, ifName, netns, prevResult }) {
    using pod = open(netns);
    const { added, removed } = plan(conf, observe(pod, ifName), prevResult);
    const wrong = [...added, ...removed].map(({ text, problem }) => `${text}: ${problem}`);
    if (wrong.length > 0) throw new CNIError(Code.Differs, wrong.join('; '));
  },

  del({ ifName, netns, prevResult }) {
    if (netns !== undefined) remove(netns, ifName, prevResult);
  },

  status() {
    try {
      using node = Rtnetlink.open();
      node.execute(rule.list());
    } catch (error) {
      const msg = `rules of the routing policy: ${(error as Error).message}`;
      throw new CNIError(ErrorCode.PluginNotAvailable, msg, { cause: error });
    }
  },
});
