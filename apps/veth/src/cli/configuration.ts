// A configuration as a person gives it: the plugin's own object, or a whole network with the plugin in it.
import { type Config, configSchema } from '../config/config.ts';
import { Refusal } from './refusal.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The plugin's own object, with the name and version of its network. @throws Refusal */
export function configurationIn(text: string): Json {
  let given: Json;
  try {
    given = JSON.parse(text) as Json;
  } catch (error) {
    throw new Refusal(`this is no configuration: ${(error as Error).message}`);
  }
  const list = given['plugins'];
  const own = Array.isArray(list) ? list.find((plugin: Json) => plugin['type'] === 'veth') : given;
  if (!own) throw new Refusal('the network has no plugin of type veth');
  const { cniVersion, name } = given;
  // A result that is in it may be of another time; the kernel is asked instead.
  return {
    ...(cniVersion !== undefined && { cniVersion }),
    ...(name !== undefined && { name }),
    ...own,
    prevResult: undefined,
  };
}

/** Reads the plugin's own keys; what is unknown is left out. @throws Refusal that names every key that is wrong. */
export function parseConfig(json: Json): Config {
  const result = configSchema['~standard'].validate(json);
  if ('value' in result) return result.value;
  if ('issues' in result && result.issues) throw new Refusal(result.issues.map(({ message }) => message).join('; '));
  throw new TypeError('configSchema is synchronous');
}
