import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a runtime stores about an attachment until its DEL, in the format of libcni's cache. */
export interface CachedAttachment {
  readonly kind: 'cniCacheV1';
  /** The configuration list, in base64. */
  readonly config: string;
  readonly networkName: string;
  readonly containerId: string;
  readonly ifName: string;
  readonly netns: string;
  readonly cniArgs: readonly (readonly [string, string])[];
  readonly capabilityArgs: Readonly<Record<string, unknown>>;
  readonly result: object;
}

/** Identifies an attachment. */
export type AttachmentKey = Pick<CachedAttachment, 'networkName' | 'containerId' | 'ifName'>;

/** The results of ADD, kept until DEL. */
export interface ResultCache {
  get(key: AttachmentKey): CachedAttachment | undefined;
  set(attachment: CachedAttachment): void;
  delete(key: AttachmentKey): void;
  all(): readonly CachedAttachment[];
}

/** A cache that exists as long as the runtime object. */
export function memoryCache(): ResultCache {
  const attachments = new Map<string, CachedAttachment>();
  return {
    get: key => attachments.get(fileName(key)),
    set: attachment => attachments.set(fileName(attachment), attachment),
    delete: key => attachments.delete(fileName(key)),
    all: () => [...attachments.values()],
  };
}

/**
 * A cache with one file per attachment in `directory`, which several processes can share. Files that are not JSON are
 * ignored.
 */
export function directoryCache(directory: string): ResultCache {
  const read = (name: string): CachedAttachment | undefined => {
    try {
      return JSON.parse(readFileSync(join(directory, name), 'utf8')) as CachedAttachment;
    } catch {
      return undefined;
    }
  };
  return {
    get: key => read(fileName(key)),
    set: attachment => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeFileSync(join(directory, fileName(attachment)), JSON.stringify(attachment), { mode: 0o600 });
    },
    delete: key => rmSync(join(directory, fileName(key)), { force: true }),
    all: () => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return readdirSync(directory).flatMap(name => read(name) ?? []);
    },
  };
}

function fileName({ networkName, containerId, ifName }: AttachmentKey): string {
  return `${networkName}-${containerId}-${ifName}`;
}
