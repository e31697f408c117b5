import { veth } from '../plugin.ts';
import { defineCommand } from './command.ts';

export const version = defineCommand({
  about: 'tells the versions of the plugin and of the protocol',
  options: {},
  main() {
    console.log(veth.about);
    return 0;
  },
});
