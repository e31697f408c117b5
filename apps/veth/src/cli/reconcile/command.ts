import { defineCommand } from '../command.ts';
import { configurationOptions, readConfigurations } from '../configurations.ts';
import { print, printJson } from '../print.ts';

/** A day. */
const longest = 86_400;

export const reconcile = defineCommand({
  about: 'gives running pods what their configuration asks for',
  details: `Each attachment gets what an ADD would make now: with the configuration in FILE, or with the one that the runtime keeps
since its ADD. What is as configured is not touched. Each line below an attachment is an object: "+" was made, "~" was
changed, "-" was taken away. The exit status is 1 where an attachment failed, or with --dry-run where one differs.`,
  needsRoot: true,
  options: {
    netns: { value: 'PATH', about: 'only the pod with this network namespace' },
    pod: { value: 'ID', about: 'only the pod with this container ID, or the beginning of it, or with this name' },
    ...configurationOptions,
    'dry-run': { about: 'only print what would be done' },
    every: { value: 'SECONDS', about: 'then again, until SIGTERM; prints only what is done' },
    json: { about: 'print JSON' },
  },
  async main({ netns, pod, conf, cache, 'dry-run': dryRun, every, json }) {
    const seconds = every === undefined ? undefined : secondsIn(every);
    const { reconcile } = await import('./reconcile.ts');
    const { isFailed, isChanged, reconciliationText } = await import('./text.ts');
    const run = async () => {
      const all = await reconcile({ netns, pod }, { ...(await readConfigurations({ conf, cache })), dryRun });
      const [failed, changed] = [all.some(isFailed), all.some(isChanged)];
      if (seconds !== undefined && !failed && !changed) return 0;
      if (json) await printJson(all);
      else await print(reconciliationText(all, dryRun));
      return failed || (changed && dryRun) ? 1 : 0;
    };
    if (seconds === undefined) return run();
    const { repeat } = await import('./repeat.ts');
    await repeat(run, seconds);
    return 0;
  },
});

function secondsIn(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= longest) return seconds;
  throw new Error(`--every ${text} is not a whole number of seconds from 1 to ${longest}`);
}
