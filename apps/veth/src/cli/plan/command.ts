import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { defineCommand } from '../command.ts';
import { print, printJson } from '../print.ts';

export const plan = defineCommand({
  about: 'prints what ADD would do for an interface of a pod',
  details: `Nothing is changed. The configuration is that of the plugin, or of a whole network with the plugin in it. Each line is an
object: "+" ADD would make it, "~" it would change what there is, "-" it would take it away, "=" it is there already.`,
  stdin: 'CONFIGURATION',
  needsRoot: true,
  options: {
    netns: { value: 'PATH', required: true, about: 'the network namespace of the pod' },
    ifname: { value: 'IF', required: true, about: 'the interface that the plugins before veth made' },
    'container-id': { value: 'ID', about: 'names and hardware addresses of a new pair derive from it' },
    json: { about: 'print JSON' },
  },
  async main({ netns, ifname, 'container-id': containerID, json }) {
    if (isatty(0)) throw new Error('the configuration is read from standard input: veth plan … < CONFIGURATION');
    const { planFor } = await import('./plan.ts');
    const planned = await planFor(readFileSync(0, 'utf8'), { netns, ifName: ifname, containerID });
    const { planText } = await import('./text.ts');
    if (json) await printJson(planned);
    else await print(planText(planned));
    return 0;
  },
});
