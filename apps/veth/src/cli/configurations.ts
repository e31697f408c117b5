// Where the configurations of running pods come from, and the options that say so.
import { readFileSync } from 'node:fs';
import { type Attachment, attachmentName, isOfNetwork } from '../names.ts';
import type { Json } from './configuration.ts';
import { inFile } from './in-file.ts';

export interface Configurations {
  /** Instead of what the runtime keeps; only for attachments to its network, if it names one. */
  readonly conf: Json | undefined;
  /** Directories of libcni's cache. */
  readonly caches: readonly string[];
}

export const configurationOptions = {
  conf: { value: 'FILE', about: 'the configuration that pods shall have; if it names a network, only those of that' },
  cache: { value: 'DIR', about: 'where the runtime keeps configurations; default that of libcni, and of Multus' },
} as const;

/** True if the configuration names no network, or that of the attachment. */
export function isFor({ name }: Json, attachment: Attachment): boolean {
  return name === undefined || isOfNetwork(attachmentName(attachment), String(name));
}

interface Given {
  readonly conf: string | undefined;
  readonly cache: string | undefined;
}

/** @throws Error that says what is wrong with the file */
export async function readConfigurations({ conf, cache }: Given): Promise<Configurations> {
  const { configurationIn, parseConfig } = await import('./configuration.ts');
  const { defaultCaches } = await import('./cached.ts');
  return {
    conf:
      conf === undefined
        ? undefined
        : inFile('--conf', conf, () => {
            const given = configurationIn(readFileSync(conf, 'utf8'));
            parseConfig(given);
            return given;
          }),
    caches: cache === undefined ? defaultCaches : [cache],
  };
}
