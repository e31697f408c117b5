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
  additional_cidr: { description: 'Other destinations that the pod reaches through its node.', default: [] },
  rp_filter: {
    description:
      'Reverse path filtering on both ends of the pair, and on the NIC. A larger value of the pod’s "all" is lowered.',
    default: { enabled: true, value: 0 },
  },
  'rp_filter.enabled': { description: 'False writes nothing.', default: true },
  'rp_filter.value': { description: '0 off, 1 strict, 2 loose.', default: 0 },
  'rp_filter.set_host': {
    description: 'Write it to the node’s interfaces too. It stays when the pod goes.',
    default: false,
  },
  hardware_prefix: {
    description:
      'The first two octets of the NIC’s hardware address, such as "0a:1b"; the other four are those of its first address.',
  },
  only_hardware: {
    description: 'Set the hardware address and do nothing else. Needs hardware_prefix.',
    default: false,
  },
  move_routes: {
    description:
      'Whether a secondary NIC’s own routes leave main: 0 and 1 move them to its table, 2 leaves them there.',
    default: 0,
  },
  default_route: { description: 'The NIC that should own the default route of main. Default: the first that has one.' },
  mtu: { description: 'MTU of both ends of the pair, in bytes. Default: that of the pod’s NIC.' },
  txqueuelen: { description: 'Length of the transmit queue of the pod’s NIC, in packets. Default: as it is.' },
  node_addresses: {
    description: 'Which of the node’s addresses the pod reaches through the pair, by CIDRs and interface names.',
    default: {},
  },
  'node_addresses.include': { description: 'Also these, even on a link that is down.', default: [] },
  'node_addresses.exclude': { description: 'Not these.', default: [] },
  ip_conflict: { description: 'Asks the link whether another host has one of the NIC’s addresses.', default: {} },
  'ip_conflict.enabled': { description: 'True switches it on.', default: false },
  'ip_conflict.interval': { description: 'How long ADD listens after each probe, up to one minute.', default: '100ms' },
  'ip_conflict.retries': { description: 'Probes for each address.', default: 3 },
  reply_path: {
    description: 'Replies to what arrives through the pair leave through it, whatever the client’s address.',
    default: { enabled: false },
  },
  'reply_path.enabled': { description: 'False routes replies by their destination.', default: true },
  'reply_path.mark': {
    description: 'The bit that marks such connections and packets.',
    default: '0x20000000',
  },
  skip: {
    description: 'ADD changes nothing and passes on the result of the previous plugin. CHECK compares nothing.',
    default: false,
  },
  log_options: { description: 'Where events are written besides standard error.', default: {} },
  'log_options.log_level': { description: 'The lowest level that is written.', default: 'info' },
  'log_options.log_file': { description: 'The file, whose directory must exist.' },
  'log_options.log_max_size': { description: 'Megabytes. A file of this size is renamed.', default: 100 },
  'log_options.log_max_age': { description: 'Days. Renamed files older than this are deleted.', default: 5 },
  'log_options.log_max_count': { description: 'How many renamed files are kept.', default: 5 },
};
