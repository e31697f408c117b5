// npm run build:image: what deploy/Containerfile puts into an image, for each platform, in dist/image.
// Executables for glibc, because that is what nodes have, and the image installs the file that it runs.
import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { binaries } from './binaries.ts';

const root = join(import.meta.dirname, '../..');

interface Libc {
  /** Where the machine has it: as its own, or from Debian's package for cross compilers. */
  readonly places: readonly string[];
  /** Its loader, by the path that the executable asks for. */
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

/** What the executable names as needed, all of it of glibc. */
const libraries = ['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0'];

/** Makes the root directory of an image. */
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
