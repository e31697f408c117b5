// The schema's descriptions and defaults of the keys.

interface Note {
  readonly description: string;
  /** The value that is used if the key is left out. */
  readonly default?: unknown;
}

/** The notes by the path of the key. */
export const notes: Readonly<Record<string, Note>> = {
  cluster_cidr: { description: 'The addresses of the pods of the overlay network, on all nodes.', default: [] },
  service_cidr: { description: 'The addresses of services (ClusterIPs).', default: [] },
  additional_cidr: { description: 'What else the pod reaches through its node.', default: [] },
  rp_filter: {
    description:
      'Reverse path filtering on both ends of the pair, and on the NIC. A larger value of the pod’s "all" gives way.',
    default: { enabled: true, value: 0 },
  },
  'rp_filter.enabled': { description: 'False leaves all of them as they are.', default: true },
  'rp_filter.value': { description: '0 off, 1 strict, 2 loose.', default: 0 },
  'rp_filter.set_host': { description: 'Write it to the interfaces of the node too, for good.', default: false },
  hardware_prefix: {
    description:
      'The first two octets of the NIC’s hardware address, such as "0a:1b"; the last four are its first address.',
  },
  only_hardware: { description: 'Only the hardware address is set. Needs hardware_prefix.', default: false },
  move_routes: {
    description: 'What becomes of a secondary NIC’s own routes in main: 0 and 1 move them to its table, 2 leaves them.',
    default: 0,
  },
  default_route: { description: 'The NIC that is to own the default route of main.' },
  mtu: { description: 'Bytes, for both ends of the pair. Default: that of the pod’s NIC.' },
  txqueuelen: { description: 'Packets, for the pod’s NIC. Default: as it is.' },
  node_addresses: {
    description: 'Which of the node’s addresses the pod reaches through the pair. CIDRs and names of interfaces.',
    default: {},
  },
  'node_addresses.include': { description: 'Also those on a link that is down.', default: [] },
  'node_addresses.exclude': { description: 'Not these.', default: [] },
  ip_conflict: { description: 'Asks the link whether somebody else has an address of the NIC’s.', default: {} },
  'ip_conflict.enabled': { description: 'True asks.', default: false },
  'ip_conflict.interval': { description: 'How long is listened after each probe, up to one minute.', default: '100ms' },
  'ip_conflict.retries': { description: 'Probes for each address.', default: 3 },
  reply_path: {
    description: 'What comes in through the pair is answered through it, wherever it comes from.',
    default: { enabled: false },
  },
  'reply_path.enabled': { description: 'False leaves replies to their destination’s route.', default: true },
  'reply_path.mark': {
    description: 'The bit of the packet’s and the connection’s mark that tells them.',
    default: '0x20000000',
  },
  skip: { description: 'ADD changes nothing, and passes on the result of the plugin before.', default: false },
  log_options: { description: 'Where events are written beside standard error.', default: {} },
  'log_options.log_level': { description: 'The least level that is written.', default: 'info' },
  'log_options.log_file': { description: 'The file, whose directory must exist.' },
  'log_options.log_max_size': { description: 'Megabytes. A file of this size is put aside.', default: 100 },
  'log_options.log_max_age': { description: 'Days. What was put aside longer ago is deleted.', default: 5 },
  'log_options.log_max_count': { description: 'So many that were put aside are kept.', default: 5 },
};
