// worker.ts
// Visits a namespace from a worker thread, and prints whether the worker and the main thread were in their own namespace
// (`home`) at each time.
import { readlinkSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { NetNs } from '../src/index.ts';

const mainThread = () => readlinkSync(`/proc/self/ns/net`);
const thisThread = () => readlinkSync('/proc/thread-self/ns/net');

if (isMainThread) {
  const home = mainThread();
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', (seen: string[]) => {
    console.log(JSON.stringify(seen.map(place => (place === home ? 'home' : 'away'))));
    void worker.terminate();
  });
} else {
  const pod = NetNs.create();
  parentPort?.postMessage([thisThread(), ...pod.run(() => [thisThread(), mainThread()]), thisThread()]);
}
