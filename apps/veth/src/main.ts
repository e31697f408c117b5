import { veth } from './plugin.ts';

await veth.main();
