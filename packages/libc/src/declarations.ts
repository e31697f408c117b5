import type { Declaration } from './engine/engine.ts';

/** The C functions that this package calls, as declared in their man pages. */
export const declarations = {
  // socket(2) and related functions
  socket: { takes: ['int', 'int', 'int'], returns: 'int' },
  bind: { takes: ['int', 'pointer', 'unsigned int'], returns: 'int' },
  getsockname: { takes: ['int', 'pointer', 'pointer'], returns: 'int' },
  getsockopt: { takes: ['int', 'int', 'int', 'pointer', 'pointer'], returns: 'int' },
  setsockopt: { takes: ['int', 'int', 'int', 'pointer', 'unsigned int'], returns: 'int' },
  send: { takes: ['int', 'pointer', 'size_t', 'int'], returns: 'ssize_t' },
  recv: { takes: ['int', 'pointer', 'size_t', 'int'], returns: 'ssize_t' },
  recvmsg: { takes: ['int', 'pointer', 'int'], returns: 'ssize_t' },

  // files
  open: { takes: ['pointer', 'int', 'unsigned int'], returns: 'int' },
  close: { takes: ['int'], returns: 'int' },
  dup3: { takes: ['int', 'int', 'int'], returns: 'int' },
  fcntl: { takes: ['int', 'int'], returns: 'int' },
  read: { takes: ['int', 'pointer', 'size_t'], returns: 'ssize_t' },
  write: { takes: ['int', 'pointer', 'size_t'], returns: 'ssize_t' },
  pread: { takes: ['int', 'pointer', 'size_t', 'off_t'], returns: 'ssize_t' },
  pwrite: { takes: ['int', 'pointer', 'size_t', 'off_t'], returns: 'ssize_t' },
  ioctl: { takes: ['int', 'unsigned long'], returns: 'int' },
  flock: { takes: ['int', 'int'], returns: 'int' },
  // in musl since 1.2.5
  statx: { takes: ['int', 'pointer', 'int', 'unsigned int', 'pointer'], returns: 'int' },

  // system calls that libc has no function for
  syscall: { takes: ['unsigned long', 'int', 'pointer', 'unsigned int'], returns: 'ssize_t' },

  // processes
  _exit: { takes: ['int'], returns: 'int' },

  // namespaces(7) and mounts
  setns: { takes: ['int', 'int'], returns: 'int' },
  unshare: { takes: ['int'], returns: 'int' },
  mount: { takes: ['pointer', 'pointer', 'pointer', 'unsigned long', 'pointer'], returns: 'int' },
  umount2: { takes: ['pointer', 'int'], returns: 'int' },
} as const satisfies Readonly<Record<string, Declaration>>;
