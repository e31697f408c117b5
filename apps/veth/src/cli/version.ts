import { veth } from '../plugin.ts';
import { defineCommand } from './command.ts';

export const version = defineCommand({
  about: 'tells the versions of the plugin and of the protocol',
  options: {},
  async main() {
    const { stderr } = await veth.invoke({ env: {}, stdin: '' });
    console.log(stderr.trimEnd());
    return 0;
  },
});
