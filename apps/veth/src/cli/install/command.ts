import { defineCommand } from '../command.ts';
import { print } from '../print.ts';
import type { Installation } from './installation.ts';

const binDir = {
  value: 'DIR',
  about: 'where the runtime looks for plugins; default /opt/cni/bin',
} as const;

const stay = {
  about: 'then wait for SIGTERM: what a DaemonSet runs must not end by itself',
} as const;

const defaultBinDir = '/opt/cni/bin';

export const install = defineCommand({
  about: 'copies this executable to the plugins of the node',
  details: `A running kubelet never meets half a file, and a machine that loses power has the old one or the new one. What was
there before is kept beside it as veth.previous.`,
  options: { 'bin-dir': binDir, stay },
  main: ({ 'bin-dir': directory = defaultBinDir, stay }) =>
    change(directory, stay, installation => installation.install()),
});

export const uninstall = defineCommand({
  about: 'takes it away, and puts back what was there before',
  details: 'Pods that veth connects need it for their DEL: take it away once they are gone.',
  options: {
    'bin-dir': binDir,
    all: { about: 'take away what was there before, too' },
    force: { about: 'even where the file is another version, or another program' },
    stay,
  },
  main: ({ 'bin-dir': directory = defaultBinDir, all, force, stay }) =>
    change(directory, stay, installation => installation.uninstall({ all, force })),
});

/** Changes the directory of plugins, prints what was done, and unlocks the directory. Then waits, if asked to stay. */
async function change(directory: string, stay: boolean, what: (installation: Installation) => string): Promise<number> {
  const { Installation } = await import('./installation.ts');
  const wait = stay ? (await import('../until-terminated.ts')).untilTerminated : undefined;
  let terminated: Promise<void> | undefined;
  {
    using installation = Installation.open(directory, executable());
    const done = what(installation);
    // Listens before printing: whoever reads the output may send the signal at once.
    terminated = wait?.();
    await print(done);
  }
  await terminated;
  return 0;
}

/** This program's file, even if another file has its name by now. */
function executable(): string {
  if (!import.meta.url.includes('/$bunfs/'))
    throw new Error('only the compiled executable can install itself: npm run build -w apps/veth');
  return '/proc/self/exe';
}
