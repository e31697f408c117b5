import { veth } from '../plugin.ts';
import { defineCommand } from './command.ts';
import { printUnchecked } from './print.ts';

export const version = defineCommand({
  about: 'tells the versions of the plugin and of the protocol',
  options: {},
  async main() {
    await printUnchecked(veth.about);
    return 0;
  },
});
