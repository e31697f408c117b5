// Every verb is a walk over the same stations: config, observe, plan, apply or compare.
import { CNIError, definePlugin, ErrorCode, type K8sArgs, type Plugin } from '@spider/cni-skel';
import { apply } from './apply.ts';
import { check } from './check.ts';
import { type Config, configSchema } from './config/config.ts';
import { podEnd } from './identity.ts';
import { rotate } from './log/rotate.ts';
import { describe } from './object.ts';
import { observe } from './observe.ts';
import { plan } from './plan/plan.ts';
import { remove, removeStale } from './remove.ts';
import { resultOf } from './result.ts';
import { Sites } from './sites.ts';
import { status } from './status.ts';

/** The chained CNI plugin `veth`. */
export const veth: Plugin = definePlugin<Config, K8sArgs, 'chained'>({
  name: 'veth',
  version: '0.0.0',
  kind: 'chained',
  conf: configSchema,
  log({ log }) {
    if (log.file) rotate(log.file, log.limits);
    return log;
  },

  async add({ conf, containerID, ifName, netns, args, prevResult, rollback, log, signal }) {
    for (const warning of conf.warnings) log.warn(warning);
    if (conf.skip) return prevResult;
    if (ifName === podEnd)
      throw new CNIError(ErrorCode.InvalidEnvironmentVariables, `CNI_IFNAME=${ifName}: this name is the plugin's own`);
    const sites = rollback.adopt(new Sites(netns), opened => opened[Symbol.dispose]());
    if (conf.ipConflict) {
      const { detectConflicts } = await import('./conflict/detect.ts');
      await detectConflicts(sites, ifName, conf.ipConflict, signal);
    }
    const facts = observe(sites, containerID, ifName);
    const planned = plan(conf, facts, { containerID, ifName, network: conf.name }, podOf(args));
    for (const object of planned.objects) log.debug(describe(object));
    apply(planned, facts, sites, rollback);
    log.debug('attached');
    return resultOf(prevResult, planned, facts, netns);
  },

  check({ conf, containerID, ifName, netns, args, prevResult }) {
    if (conf.skip) return;
    using sites = new Sites(netns);
    const facts = observe(sites, containerID, ifName);
    const planned = plan(conf, facts, { containerID, ifName, network: conf.name }, podOf(args));
    check(planned, facts, sites, prevResult);
  },

  del: ({ conf, containerID, ifName, netns, prevResult }) =>
    remove({ containerID, ifName, network: conf.name }, netns, prevResult),

  gc({ conf: { name: network }, validAttachments }) {
    // Without a list nothing is known to be stale.
    if (validAttachments)
      removeStale(
        network,
        validAttachments.map(valid => ({ ...valid, network })),
      );
  },

  status: ({ conf }) => status(conf),
});

function podOf({ K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name }: K8sArgs): string | undefined {
  return namespace && name ? `${namespace}/${name}` : undefined;
}
