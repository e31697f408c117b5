// Makes the initramfs that the kernel boots into: busybox, the modules for access to this machine's files, and an init
// program that builds a root directory from these files and continues there.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../lab/namespace.ts';
import type { Kernel } from './kernel.ts';

// All files of this machine can be read. Changes are kept in memory, by an overlay.
const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /files /written /system
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do insmod $module; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=524288,cache=loose files /files
mount -t tmpfs -o size=75% tmpfs /written
mkdir /written/upper /written/work
mount -t overlay -o lowerdir=/files,upperdir=/written/upper,workdir=/written/work overlay /system
for tree in proc sys dev; do mount --move /$tree /system/$tree; done
mount -t tmpfs tmpfs /system/run
mkdir /system/run/machine
mount -t 9p -o trans=virtio,version=9p2000.L machine /system/run/machine
exec switch_root /system /bin/sh /run/machine/start
`;

/** Writes it to a file, in the format of the kernel's Documentation/driver-api/early-userspace/buffer-format.rst. */
export function writeInitramfs(kernel: Kernel, file: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'initramfs-'));
  try {
    mkdirSync(join(directory, 'bin'));
    mkdirSync(join(directory, 'modules'));
    copyFileSync('/bin/busybox', join(directory, 'bin/busybox'));
    writeFileSync(join(directory, 'init'), init);
    chmodSync(join(directory, 'init'), 0o755);
    modulesFor(kernel, ['virtio_pci', '9pnet_virtio', '9p', 'overlay']).forEach((module, index) => {
      const copy = join(directory, 'modules', `${String(index).padStart(2, '0')}-${basename(module)}`);
      copyFileSync(module, copy);
      if (copy.endsWith('.xz')) run(['xz', '--decompress', copy]);
    });
    run(['sh', '-ec', 'cd "$1"; find . | cpio --quiet --create --format=newc >"$2"', 'sh', directory, file]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Files of modules and of their dependencies, in the order in which to load them. */
function modulesFor({ root, release }: Kernel, names: readonly string[]): string[] {
  const needed = names.flatMap(name =>
    run(['modprobe', '--dirname', root, '--set-version', release, '--show-depends', name]).split('\n'),
  );
  return [...new Set(needed.flatMap(line => /^insmod (\S+)/.exec(line)?.[1] ?? []))];
}
