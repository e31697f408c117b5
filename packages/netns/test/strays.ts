// strays.ts KIND COUNT
// Visits a namespace COUNT times, and prints the names of threads that remained in it as JSON.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { AF_NETLINK, close, NETLINK_ROUTE, SOCK_RAW, socket } from '@spider/libc';
import { NetNs } from '../src/index.ts';

const [kind = '', count = ''] = process.argv.slice(2);
const pod = NetNs.create();
const inode = pod.id.split(':')[2] as string;
const strays = new Set<string>();
let kept: unknown[] = [];

function lookForStrays(): void {
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      if (readlinkSync(`/proc/self/task/${thread}/ns/net`) !== `net:[${inode}]`) continue;
      strays.add(readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim());
    } catch {
      // The thread has ended meanwhile.
    }
  }
}

const openSocket = () => close(pod.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
const readSysctl = () => pod.readSysctl('net.ipv4.ip_forward');

/** Work for the compiler, the garbage collector and the thread pool. */
function work(): void {
  const record: Record<string, unknown> = {};
  for (let i = 0; i < 100; i++) record[`key${i % 31}`] = [i, String(i), { i }];
  kept.push(JSON.stringify(record), new Array(1000).fill(record));
  if (kept.length > 400) kept = [];
  void readFile('/proc/self/stat');
}

const visits: Record<string, () => void> = {
  sockets: openSocket,
  sysctls: readSysctl,
  'nothing by run': () => pod.run(() => {}),
  'sockets by run': () => pod.run(() => close(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE))),
  'sockets and sysctls amid work': () => {
    work();
    openSocket();
    readSysctl();
  },
  'asynchronous work in run': () => pod.run(() => void readFile('/proc/self/stat')),
};

const visit = visits[kind];
if (!visit) throw new Error(`${kind} is not one of ${Object.keys(visits).join(', ')}`);
for (let i = 1; i <= Number(count); i++) {
  visit();
  if (i % 100 === 0) await setImmediate();
  if (i % 1000 === 0) lookForStrays();
}
lookForStrays();
console.log(JSON.stringify([...strays]));
process.exit();
