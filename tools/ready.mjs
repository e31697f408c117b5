// node tools/ready.mjs [--test | --bench | --kernel] PROGRAM [ARG ...]
// Installs what this machine lacks for the project, and for its tests, benchmarks or other kernels, then runs PROGRAM with
// the project's own Node and tools first in PATH. This file is plain JavaScript for Node 20 without dependencies, because it
// runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isRoot = process.getuid?.() === 0;

/** Debian package → files of which one shows that it is installed. */
const debianPackages = {
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  nftables: ['/usr/sbin/nft', '/sbin/nft', '/usr/bin/nft'],
  'containernetworking-plugins': ['/usr/lib/cni/macvlan'],
  'util-linux': ['/usr/bin/unshare'],
  strace: ['/usr/bin/strace'],
  procps: ['/usr/bin/ps', '/bin/ps'],
  python3: ['/usr/bin/python3'],
};

/** Packages that only the tests, only the benchmarks, or only the emulator of other kernels need. */
const debianPackagesOf = {
  '--test': {
    binutils: ['/usr/bin/readelf'],
    'binutils-aarch64-linux-gnu': ['/usr/bin/aarch64-linux-gnu-ld'],
    buildah: ['/usr/bin/buildah'],
    'busybox-static': ['/bin/busybox'],
    containerd: ['/usr/bin/containerd'],
    crun: ['/usr/bin/crun'],
    'dnsmasq-base': ['/usr/sbin/dnsmasq'],
    git: ['/usr/bin/git'],
    'libc6-arm64-cross': ['/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1'],
    'libstdc++-12-dev': ['/usr/lib/gcc/x86_64-linux-gnu/12/libstdc++.a'],
    'libstdc++-12-dev-arm64-cross': ['/usr/lib/gcc-cross/aarch64-linux-gnu/12/libstdc++.a'],
    musl: ['/lib/ld-musl-x86_64.so.1'],
    podman: ['/usr/bin/podman'],
    'qemu-user-static': ['/usr/bin/qemu-aarch64-static'],
    skopeo: ['/usr/bin/skopeo'],
    unzip: ['/usr/bin/unzip'],
  },
  '--bench': {
    gcc: ['/usr/bin/cc'],
    'libc6-dev': ['/usr/include/stdio.h'],
    'python3-pyroute2': ['/usr/lib/python3/dist-packages/pyroute2'],
  },
  '--kernel': {
    'busybox-static': ['/bin/busybox'],
    cpio: ['/usr/bin/cpio'],
    kmod: ['/usr/sbin/modprobe', '/sbin/modprobe'],
    'qemu-system-x86': ['/usr/bin/qemu-system-x86_64'],
    'xz-utils': ['/usr/bin/xz'],
  },
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

function run(what, program, args, options = {}) {
  console.error(`» ${what}`);
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status !== 0)
    fail(`${what} failed: ${program} ${args.join(' ')} ${error ? error.message : `exited with ${status}`}`);
}

/**
 * npm and other tools keep caches in the home directory. If the user has none, or cannot write to it, this project
 * provides one.
 */
function ensureHome() {
  try {
    accessSync(homedir(), constants.W_OK);
  } catch {
    const home = join(root, '.nx/home');
    mkdirSync(home, { recursive: true });
    // The npm that runs this script has set the path of its own cache for its children.
    Object.assign(process.env, { HOME: home, npm_config_cache: join(home, '.npm') });
  }
}

function installNpmPackages() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  run('installing npm packages', 'npm', ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']);
}

function installDebianPackages(packages) {
  const missing = Object.entries(packages)
    .filter(([, files]) => !files.some(file => existsSync(file)))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (!isRoot || !existsSync('/usr/bin/apt-get'))
    fail(
      `These Debian packages are missing. Only root can install them:\n  sudo apt-get update && sudo apt-get ${install.join(' ')}`,
    );
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  run('refreshing the package lists', 'apt-get', ['update', '-qq'], quiet);
  run(`installing ${missing.join(', ')}`, 'apt-get', [...install, '-qq'], quiet);
}

if (process.platform !== 'linux') fail(`This project requires Linux: it cannot run on ${process.platform}.`);
const purpose = debianPackagesOf[process.argv[2]];
const [program, ...args] = process.argv.slice(purpose ? 3 : 2);
if (!program) fail('usage: node tools/ready.mjs [--test | --bench | --kernel] PROGRAM [ARG ...]');

installDebianPackages({ ...debianPackages, ...purpose });
ensureHome();
installNpmPackages();

const path = [join(root, 'node_modules/.bin'), process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
const { status, signal, error } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, PATH: path } });
if (error) fail(`${program}: ${error.message}`);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
