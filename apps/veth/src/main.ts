import { veth } from './plugin.ts';

// Container runtimes set CNI_COMMAND. What serves people is loaded for them alone.
if (process.env['CNI_COMMAND']) veth.main();
else void import('./cli/cli.ts').then(({ main }) => main(process.argv.slice(2)));
