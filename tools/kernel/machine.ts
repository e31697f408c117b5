// An emulated machine with its own kernel, which can read this machine's files.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeInitramfs } from './initramfs.ts';
import type { Kernel } from './kernel.ts';

/**
 * Runs a command in the same working directory on the emulated machine, and returns its exit status. Its changes of files
 * are lost.
 */
export function boot(kernel: Kernel, command: readonly string[]): number {
  const directory = mkdtempSync(join(tmpdir(), 'machine-'));
  try {
    const initramfs = join(directory, 'initramfs');
    writeInitramfs(kernel, initramfs);
    writeFileSync(join(directory, 'start'), start(kernel, command));
    const args = [...machine(kernel, initramfs), ...share('files', '/', 'on'), ...share('machine', directory, 'off')];
    const { error } = spawnSync('qemu-system-x86_64', args, { stdio: 'inherit' });
    if (error) throw error;
    const status = join(directory, 'status');
    if (!existsSync(status)) throw new Error(`Linux ${kernel.release} did not come to the end of ${command.join(' ')}`);
    return Number(readFileSync(status, 'utf8'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function machine({ image }: Kernel, initramfs: string): string[] {
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '4096'],
    ...['-nodefaults', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
    ...['-kernel', image, '-initrd', initramfs],
    ...['-append', 'console=ttyS0 loglevel=1 panic=-1 mitigations=off'],
  ];
}

/** A directory of this machine, with the name by which the emulated machine mounts it. */
function share(name: string, path: string, readonly: 'on' | 'off'): string[] {
  const options = `security_model=none,multidevs=remap,readonly=${readonly}`;
  return [
    ...['-fsdev', `local,id=${name},path=${path},${options}`],
    ...['-device', `virtio-9p-pci,fsdev=${name},mount_tag=${name}`],
  ];
}

/** The first process of the emulated machine after it has mounted the files. */
function start({ root, release }: Kernel, command: readonly string[]): string {
  return `
export PATH=${quoted(process.env['PATH'] ?? '')} SPIDER_SLOWNESS=20
mkdir -p /lib/modules /dev/pts /dev/shm
ln -s ${quoted(`${root}/lib/modules/${release}`)} /lib/modules/
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
# The nodes that load a module when they are opened, such as /dev/net/tun.
kmod static-nodes --format=tmpfiles | while read -r type path _ _ _ _ device; do
  case $type in
    d*) mkdir -p $path ;;
    *) mknod $path \${type%!} \${device%:*} \${device#*:} ;;
  esac
done
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
cd ${quoted(process.cwd())}
${command.map(quoted).join(' ')}
echo $? >/run/machine/status
# Waits until all output is on its way, then resets the machine, which ends the emulator.
stty sane </dev/console
echo b >/proc/sysrq-trigger
`;
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
