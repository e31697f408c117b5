// npm run build:image: collects the contents of the image of deploy/Containerfile in dist/image, for each platform. The
// executables are those for glibc, because nodes have glibc, and the image installs the executable that it runs.
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binaries } from './binaries.ts';

const root = join(import.meta.dirname, '../..');

interface Libc {
  /** Directories that can contain it: the machine's own, and that of Debian's package for cross compilers. */
  readonly places: readonly string[];
  /** Path of its loader, as in the executable. */
  readonly loader: string;
}

export const images = {
  'linux-x64': {
    places: ['/lib/x86_64-linux-gnu', '/usr/x86_64-linux-gnu/lib'],
    loader: '/lib64/ld-linux-x86-64.so.2',
  },
  'linux-arm64': {
    places: ['/lib/aarch64-linux-gnu', '/usr/aarch64-linux-gnu/lib'],
    loader: '/lib/ld-linux-aarch64.so.1',
  },
} as const satisfies Record<string, Libc>;

/** Libraries that the executable needs. All are part of glibc. */
const libraries = ['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0'];

/** Creates the root directory of an image. */
function gather(platform: keyof typeof images, directory: string): void {
  const { places, loader } = images[platform];
  const libc = places.find(place => existsSync(join(place, 'libc.so.6')));
  if (!libc) throw new Error(`there is no glibc for ${platform} in ${places.join(' or ')}`);
  const put = (file: string, path: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    copyFileSync(file, join(directory, path));
  };
  for (const library of libraries) put(join(libc, library), join('lib', library));
  put(join(libc, loader.slice(loader.lastIndexOf('/'))), loader);
  put(join(root, 'LICENSE'), 'usr/share/doc/veth/copyright');
  put('/usr/share/doc/libc6/copyright', 'usr/share/doc/libc6/copyright');
  linkSync(join(binaries, `veth-${platform}`), join(directory, 'veth'));
}

if (import.meta.main) {
  const directory = join(binaries, 'image');
  rmSync(directory, { recursive: true, force: true });
  for (const platform of Object.keys(images) as (keyof typeof images)[]) gather(platform, join(directory, platform));
}
