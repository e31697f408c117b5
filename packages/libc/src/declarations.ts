import type { Declaration } from './engine/engine.ts';

type Declarations = Readonly<Record<string, Declaration>>;

/** socket(2) and its relatives. */
const sockets = {
  socket: { takes: ['int', 'int', 'int'], returns: 'int' },
  bind: { takes: ['int', 'pointer', 'unsigned int'], returns: 'int' },
  getsockname: { takes: ['int', 'pointer', 'pointer'], returns: 'int' },
  getsockopt: { takes: ['int', 'int', 'int', 'pointer', 'pointer'], returns: 'int' },
  setsockopt: { takes: ['int', 'int', 'int', 'pointer', 'unsigned int'], returns: 'int' },
  send: { takes: ['int', 'pointer', 'size_t', 'int'], returns: 'ssize_t' },
  recv: { takes: ['int', 'pointer', 'size_t', 'int'], returns: 'ssize_t' },
  recvmsg: { takes: ['int', 'pointer', 'int'], returns: 'ssize_t' },
} as const satisfies Declarations;

/** Files, and the process that has them open. */
const files = {
  open: { takes: ['pointer', 'int', 'unsigned int'], returns: 'int' },
  close: { takes: ['int'], returns: 'int' },
  dup3: { takes: ['int', 'int', 'int'], returns: 'int' },
  read: { takes: ['int', 'pointer', 'size_t'], returns: 'ssize_t' },
  write: { takes: ['int', 'pointer', 'size_t'], returns: 'ssize_t' },
  pread: { takes: ['int', 'pointer', 'size_t', 'off_t'], returns: 'ssize_t' },
  pwrite: { takes: ['int', 'pointer', 'size_t', 'off_t'], returns: 'ssize_t' },
  ioctl: { takes: ['int', 'unsigned long'], returns: 'int' },
  flock: { takes: ['int', 'int'], returns: 'int' },
  _exit: { takes: ['int'], returns: 'int' },
} as const satisfies Declarations;

/** namespaces(7) and mounts. */
const namespaces = {
  setns: { takes: ['int', 'int'], returns: 'int' },
  unshare: { takes: ['int'], returns: 'int' },
  mount: { takes: ['pointer', 'pointer', 'pointer', 'unsigned long', 'pointer'], returns: 'int' },
  umount2: { takes: ['pointer', 'int'], returns: 'int' },
} as const satisfies Declarations;

/** What a libc may lack, and must not take others with it: musl has it since 1.2.5. */
const recent = {
  statx: { takes: ['int', 'pointer', 'int', 'unsigned int', 'pointer'], returns: 'int' },
} as const satisfies Declarations;

/** Functions that are used together. */
export const families: readonly Declarations[] = [files, sockets, namespaces, recent];

/** Every C function that is called here, as its man page declares it. */
export const declarations = { ...files, ...sockets, ...namespaces, ...recent };
