// Tests whether a flow works, by an exchange between programs in the namespaces of its two ends.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Host } from './lan.ts';
import { inside, type Namespace } from './namespace.ts';

/** A flow from a host to an address, and the expected result. */
export interface Flow {
  readonly from: Host;
  /** Destination of the connection. */
  readonly address: string;
  /** Destination port; default 80. */
  readonly port?: number;
  /**
   * Protocol; default TCP. The answer to a ping (`icmp`) has neither the name of the server nor the source that it saw.
   */
  readonly protocol?: 'udp' | 'icmp';
  /** Address of `from` to bind the connection to; by default the kernel selects one. */
  readonly bind?: string;
  /** Name of the namespace that must answer. */
  readonly server: string;
  /** Source address of the connection that the server must see. */
  readonly source: string;
}

/** What is wrong with a flow; `undefined` if it works. */
export type Verdict = string | undefined;

interface Answer {
  readonly server?: string;
  readonly source?: string;
  readonly error?: string;
}

/** Starts a server in each namespace. Disposing of the returned value stops them. */
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

/** Exits of servers that were killed: until then their ports are in use. */
const ending: Promise<unknown>[] = [];

async function ready({ stdout, spawnargs }: Program): Promise<void> {
  for await (const _line of stdout.iterator({ destroyOnReturn: false })) return;
  throw new Error(`${spawnargs.join(' ')}: ended before it was ready`);
}

/** Tests all flows at once. Each destination must have a server. */
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

/** The destination of a flow as an argument of get.ts. */
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
