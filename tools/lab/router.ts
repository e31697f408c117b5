// A router that assigns addresses on LANs: by DHCP for IPv4, by router advertisements of the prefix for IPv6.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Lan } from './lan.ts';
import { inside, type Namespace } from './namespace.ts';

/** Default socket of the dhcp plugin's daemon. */
const socket = '/run/cni/dhcp.sock';

/**
 * Starts the router for all LANs of a gateway. Leases are valid for two minutes; advertisements are sent every four
 * seconds.
 */
export async function advertise(gateway: Namespace, lans: readonly Lan[]): Promise<Disposable> {
  const pidFile = `/run/${gateway.name}-dnsmasq.pid`;
  const program = start(gateway, [
    'dnsmasq',
    ...['--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--port=0', '--no-ping', '--bind-interfaces'],
    ...[`--pid-file=${pidFile}`, `--dhcp-leasefile=/run/${gateway.name}-leases`, '--enable-ra'],
    ...lans.flatMap(({ name, ranges: { IPv4, IPv6 } }) => [
      `--interface=${name}`,
      `--ra-param=${name},4,60`,
      ...(IPv4 ? [`--dhcp-range=${IPv4.gateway.replace(/1$/, '200')},${IPv4.gateway.replace(/1$/, '250')},2m`] : []),
      ...(IPv6 ? [`--dhcp-range=${IPv6.subnet.split('/')[0]},ra-only,64,2m`] : []),
    ]),
  ]);
  return ready(program, pidFile);
}

/** Starts the daemon of Debian's dhcp plugin, which maintains the leases of a node's pods. */
export function keepLeases(node: Namespace): Promise<Disposable> {
  return ready(start(node, ['/usr/lib/cni/dhcp', 'daemon']), socket);
}

function start(namespace: Namespace, command: readonly string[]): ChildProcess {
  const [program = '', ...args] = inside(namespace, command);
  return spawn(program, args, { stdio: 'ignore' });
}

/** Waits until the program has created its file, which shows that it is running. */
async function ready(program: ChildProcess, file: string): Promise<Disposable> {
  while (!existsSync(file)) {
    if (program.exitCode !== null) throw new Error(`${program.spawnargs.join(' ')}: exited with ${program.exitCode}`);
    await setTimeout(10);
  }
  return { [Symbol.dispose]: () => void program.kill() };
}
