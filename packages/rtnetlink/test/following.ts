// following.ts many|worker|alive|exit
// Shows the effects of a monitor on its own process.
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { CLONE_NEWNET, unshare } from '@spider/libc';
import { link, Rtnetlink } from '../src/index.ts';
import { monitor } from '../src/monitor/index.ts';

const add = (name: string) => link.add({ name, info: { kind: 'bridge' } });

/** Name of the link in the next event. */
async function first(events: ReturnType<typeof monitor<'link'>>): Promise<string | undefined> {
  for await (const event of events) if (event.type === 'new') return event.object.name;
  return undefined;
}

async function many(nl: Rtnetlink): Promise<void> {
  const told = Array.from({ length: 10 }, () => first(monitor({ kinds: ['link'] })));
  await setTimeout(50);
  await readFile('/proc/self/stat');
  nl.execute(add('many'));
  const names = await Promise.all(told);
  console.log(`read a file; told ${names.filter(name => name === 'many').length} times`);
}

async function worker(): Promise<void> {
  const child = new Worker(new URL(import.meta.url), { argv: ['in-worker'] });
  const name = await new Promise(resolve => child.once('message', resolve));
  await child.terminate();
  console.log(`new ${name}; ended`);
}

async function inWorker(nl: Rtnetlink): Promise<void> {
  const told = first(monitor({ kinds: ['link'] }));
  await setTimeout(50);
  nl.execute(add('in-worker'));
  parentPort?.postMessage(await told);
  await first(monitor({ kinds: ['link'] }));
}

async function alive(nl: Rtnetlink): Promise<void> {
  const events = monitor({ kinds: ['link'] });
  setTimeout(100, undefined, { ref: false }).then(() => nl.execute(add('late')));
  console.log(`new ${await first(events)}`);
}

async function exit(): Promise<void> {
  void first(monitor());
  await setTimeout(50);
  console.log('bye');
  process.exit();
}

if (isMainThread) unshare(CLONE_NEWNET);
const nl = Rtnetlink.open();
const parts: Record<string, (nl: Rtnetlink) => Promise<void>> = { many, worker, 'in-worker': inWorker, alive, exit };
await parts[process.argv[2]!]!(nl);
