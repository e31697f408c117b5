// An image that has busybox, and sleeps.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../../tools/lab/namespace.ts';

export const imageName = 'localhost/sleeper:1';

/** Makes the root directory of its containers, as an archive. */
export function createRoot(directory: string): string {
  const archive = join(directory, 'root.tar');
  mkdirSync(join(directory, 'root/bin'), { recursive: true });
  cpSync('/bin/busybox', join(directory, 'root/bin/busybox'), { dereference: true });
  run(['tar', '--create', `--file=${archive}`, `--directory=${join(directory, 'root')}`, '.']);
  return archive;
}

export const entrypoint = ['/bin/busybox', 'sleep', '1000000'];
