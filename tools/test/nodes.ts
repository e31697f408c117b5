// Releases of Node that published packages are tested on, in addition to the project's own.
import { join } from 'node:path';
import { fetchRelease, type Release } from '../release/registry.ts';

/** Release of Node → checksums of its npm package, by processor. */
const releases = {
  '22.23.3': {
    x64: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    arm64: 'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  },
  '26.10.0': {
    x64: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    arm64: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
} as const;

/**
 * Name, such as `node22` → path of the program. They are not installed with the workspace, in which only one can be
 * `node`.
 */
export function fetchNodes(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(releases).map(([version, sums]) => {
      const release: Release = {
        name: `node-linux-${process.arch}`,
        version,
        integrity: sums[process.arch as keyof typeof sums],
      };
      return [`node${version.split('.')[0]}`, join(fetchRelease(release), 'bin/node')];
    }),
  );
}
