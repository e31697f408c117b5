import { multicall } from '@spider/cni-skel';
import { veth } from './plugin.ts';
import { system } from './system.ts';

// Container runtimes set CNI_COMMAND. The command line for people is loaded only without it.
function otherwise(): void {
  if (process.env['CNI_COMMAND']) veth.main(system);
  else void import('./cli/cli.ts').then(({ main }) => main(process.argv.slice(2)));
}

multicall({ 'route-table': async () => (await import('route-table')).routeTable }, { otherwise, system });
