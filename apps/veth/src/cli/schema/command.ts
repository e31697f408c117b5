import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';

export const schema = defineCommand({
  about: 'prints the JSON Schema of the configuration',
  details: 'The schema is of draft 2020-12, and describes the object in "plugins" whose type is veth.',
  options: {},
  async main() {
    const { jsonSchema } = await import('./json-schema.ts');
    await printJson(jsonSchema());
    return 0;
  },
});
