// Does a flow work? A real exchange between programs that run in the namespaces of its two ends.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Host } from './lan.ts';
import { inside, type Namespace } from './namespace.ts';

/** What a host asks of an address, and how its far end must look. */
export interface Flow {
  readonly from: Host;
  /** Where the connection goes. */
  readonly address: string;
  /** Port there; 80 unless told. */
  readonly port?: number;
  /** How it is asked; over TCP unless told. Who answers a ping (`icmp`) tells neither its name nor the source it saw. */
  readonly protocol?: 'udp' | 'icmp';
  /** The address of its own that `from` binds the connection to; the kernel chooses one unless told. */
  readonly bind?: string;
  /** The name of the namespace that must answer. */
  readonly server: string;
  /** The address that must be seen there as the connection's source. */
  readonly source: string;
}

/** What is wrong with a flow; `undefined` when it works. */
export type Verdict = string | undefined;

interface Answer {
  readonly server?: string;
  readonly source?: string;
  readonly error?: string;
}

/** Starts a server in each namespace; they stop when the returned value is disposed of. */
export async function serve(namespaces: readonly Namespace[]): Promise<Disposable> {
  await Promise.all(ending.splice(0));
  const servers = namespaces.map(namespace => start(namespace, 'server.ts', [namespace.name]));
  const ends = servers.map(server => once(server, 'exit'));
  await Promise.all(servers.map(ready));
  return {
    [Symbol.dispose]() {
      for (const server of servers) server.kill('SIGKILL');
      ending.push(...ends);
    },
  };
}

/** The ends of servers that were killed: until then they have their ports. */
const ending: Promise<unknown>[] = [];

async function ready({ stdout, spawnargs }: Program): Promise<void> {
  for await (const _line of stdout.iterator({ destroyOnReturn: false })) return;
  throw new Error(`${spawnargs.join(' ')}: ended before it was ready`);
}

/** Tries all flows at once. There must be a server at the far end of each. */
export async function probe(flows: readonly Flow[]): Promise<Map<Flow, Verdict>> {
  const clients = new Map(flows.map(({ from }) => [from.path, from]));
  const flowsOf = ({ path }: Host) => flows.filter(({ from }) => from.path === path);
  const verdicts = await Promise.all([...clients.values()].map(client => probeFrom(client, flowsOf(client))));
  return new Map(verdicts.flat());
}

async function probeFrom(from: Namespace, flows: readonly Flow[]): Promise<[Flow, Verdict][]> {
  const lines = (await text(start(from, 'get.ts', flows.map(targetOf)).stdout)).split('\n');
  return flows.map((flow, index) => [flow, verdict(flow, JSON.parse(lines[index] || '{"error":"no probe ran"}'))]);
}

/** The flow's far end as an argument of get.ts. */
function targetOf({ address, ...options }: Flow): string {
  const given = (['port', 'bind', 'protocol'] as const).filter(name => options[name] !== undefined);
  return [address, ...given.map(name => `${name}=${options[name]}`)].join();
}

function verdict(flow: Flow, { error, server, source }: Answer): Verdict {
  if (error || flow.protocol === 'icmp') return error;
  if (server !== flow.server) return `answered by ${server}`;
  if (source !== flow.source) return `comes from ${source}`;
  return undefined;
}

type Program = ChildProcessByStdio<null, Readable, null>;

function start(namespace: Namespace, program: string, args: readonly string[]): Program {
  const command = inside(namespace, [process.execPath, join(import.meta.dirname, program), ...args]);
  return spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
}
