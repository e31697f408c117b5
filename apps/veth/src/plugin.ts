import { definePlugin, type Plugin } from '@spider/cni-skel';

/** The chained CNI plugin `veth`. Each call loads only the code of its own verb, because loading is most of its cost. */
export const veth: Plugin = definePlugin({
  name: 'veth',
  version: '0.0.0',
  kind: 'chained',
  conf: {
    '~standard': {
      version: 1,
      vendor: 'spider',
      validate: async value => (await import('./config/config.ts')).configSchema['~standard'].validate(value),
    },
  },
  salvage: async keys => (await import('./config/config.ts')).salvage(keys),
  async log({ log }) {
    if (log.file) (await import('./log/rotate.ts')).rotate(log.file, log.limits);
    return log;
  },

  add: async request => (await import('./attach.ts')).attach(request),
  check: async request => (await import('./attach.ts')).verify(request),
  del: async ({ conf, containerID, ifName, netns }) =>
    (await import('./remove/remove.ts')).remove(
      { containerID, ifName, network: conf.name },
      { netns, replyPath: conf.replyMark !== undefined },
    ),
  async gc({ conf: { name: network, replyMark }, validAttachments }) {
    // Without a list, nothing is known to be stale.
    if (!validAttachments) return;
    const { removeStale } = await import('./remove/remove.ts');
    const valid = validAttachments.map(each => ({ ...each, network }));
    await removeStale(network, valid, { replyPath: replyMark !== undefined });
  },
  async status({ conf, log }) {
    for (const warning of conf.warnings) log.warn(warning);
    await (await import('./status.ts')).status(conf);
  },
});
