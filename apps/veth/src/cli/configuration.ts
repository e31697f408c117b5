// Reads a configuration that a person passes: the plugin's own object, or a whole network that contains it.
import { type Config, configSchema } from '../config/config.ts';

export type Json = Readonly<Record<string, unknown>>;

/**
 * The plugin's own object, with the name and version of its network. @throws Error that says what is wrong with the text
 */
export function configurationIn(text: string): Json {
  const given = parse(text);
  const list = given['plugins'];
  if (list !== undefined && !Array.isArray(list)) throw new Error(`plugins: ${JSON.stringify(list)} is not a list`);
  const own = list ? list.find(plugin => isObject(plugin) && plugin['type'] === 'veth') : given;
  if (!own) throw new Error('the network has no plugin of type veth');
  const { type = 'veth' } = own;
  if (type !== 'veth') throw new Error(`type: ${JSON.stringify(type)}: this is the configuration of another plugin`);
  const { cniVersion, name } = given;
  // A result in the configuration may be out of date. The kernel has the facts.
  return {
    ...(cniVersion !== undefined && { cniVersion }),
    ...(name !== undefined && { name }),
    ...own,
    prevResult: undefined,
  };
}

function parse(text: string): Json {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new Error(`this is no configuration: ${text.trim() ? (error as Error).message : 'it is empty'}`);
  }
  if (!isObject(given)) throw new Error(`this is no configuration: ${JSON.stringify(given)} is not an object`);
  return given;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the plugin's own keys. Unknown keys are ignored. @throws Error that names every key that is wrong */
export function parseConfig(json: Json): Config {
  const result = configSchema['~standard'].validate(json);
  if ('value' in result) return result.value;
  if ('issues' in result && result.issues) throw new Error(result.issues.map(({ message }) => message).join('; '));
  throw new TypeError('configSchema is synchronous');
}
