// Provides the oldest release of TypeScript that can read the declarations of the packages: older ones lack types that these
// use, such as NoInfer.
//
// Run as a program, this file fetches it. That is done before the tests, whose sandboxes have no network.
import { fetchRelease } from './registry.ts';

const release = {
  name: 'typescript',
  version: '5.4.5',
  integrity: 'sha512-vcI4UpRgg81oIRUFwR0WSIHKt11nJ7SAVlYNIu+QpqeyXP+gpQJy/Z4+F0aGxSE4MqwjyXvW/TzgkLAx2AGHwQ==',
};

/** Its minor version: `5.4`. */
export const oldestTypeScript = release.version.slice(0, 3);

/** The directory of its files. */
export function fetchOldestTypeScript(): string {
  return fetchRelease(release);
}

if (import.meta.main) fetchOldestTypeScript();
