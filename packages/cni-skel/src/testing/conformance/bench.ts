import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../../environment.ts';
import { messageOf } from '../../error.ts';
import { readObject } from '../../json.ts';
import { convertResult } from '../../result/convert.ts';
import { type CNIVersion, knows } from '../../version.ts';
import type { Fixture, Namespace } from './fixture.ts';
import { type Answer, ask, type Subject } from './subject.ts';

/** A container without an attachment. */
export interface Container {
  readonly containerID: string;
  /** Default: that of the bench. */
  readonly ifName?: string;
  readonly netns: string;
  /** The snapshot before ADD. */
  readonly before: unknown;
}

/** A container with an attachment. */
export interface Attached extends Container {
  /** The result that ADD printed. */
  readonly result: object;
}

/** How a request differs from the usual one. */
export interface Difference {
  readonly env?: Readonly<Record<string, string>>;
  readonly conf?: object;
  readonly stdin?: string | undefined;
  /** The answer cannot be written: the disk is full. */
  readonly full?: boolean;
}

let containers = 0;

/** Tests one plugin with one version: creates namespaces and attachments, and removes them. */
export class Bench {
  readonly subject: Subject;
  readonly fixture: Fixture;
  readonly version: CNIVersion;
  readonly ifName: string;
  readonly #touched: Container[] = [];
  readonly #namespaces = new Map<string, Namespace>();

  constructor(subject: Subject, fixture: Fixture, version: CNIVersion) {
    this.subject = subject;
    this.fixture = fixture;
    this.version = version;
    this.ifName = fixture.ifName ?? 'eth0';
  }

  async container(): Promise<Container> {
    const namespace = await this.fixture.netns();
    const netns = namespace.path;
    this.#namespaces.set(netns, namespace);
    return { containerID: `conformance-${process.pid}-${++containers}`, netns, before: await this.snapshot(netns) };
  }

  async removeNamespace(netns: string): Promise<void> {
    await this.#namespaces.get(netns)?.[Symbol.asyncDispose]();
    this.#namespaces.delete(netns);
  }

  async snapshot(netns: string): Promise<unknown> {
    return this.fixture.snapshot(netns);
  }

  async attach(): Promise<Attached> {
    const container = await this.container();
    const answer = await this.add(container);
    return { ...container, result: resultOf(answer) };
  }

  /** Runs ADD. `clear` removes the attachment even if ADD failed. */
  add(container: Container, difference?: Difference): Promise<Answer> {
    this.#touched.push(container);
    return this.ask('ADD', container, difference);
  }

  async ask(command: Command, to?: Partial<Attached>, { env, conf, stdin, full }: Difference = {}): Promise<Answer> {
    const { fixture, version } = this;
    const variables = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: to?.containerID ?? '',
      CNI_NETNS: to?.netns ?? '',
      CNI_IFNAME: to ? (to.ifName ?? this.ifName) : '',
      CNI_ARGS: fixture.args ?? '',
      CNI_PATH: fixture.path ?? '/opt/cni/bin',
      ...env,
    };
    const prevResult = to && this.#prevResult(command, to);
    const usual = JSON.stringify({
      cniVersion: version,
      name: 'conformance',
      ...fixture.conf,
      ...(fixture.runtimeConfig && { runtimeConfig: fixture.runtimeConfig }),
      ...(prevResult && { prevResult }),
      ...conf,
    });
    return ask(this.subject, { env: variables, stdin: stdin ?? usual, full, prefix: fixture.exec });
  }

  /** The result that the runtime would send: that of earlier plugins for ADD, that of ADD for other commands. */
  #prevResult(command: Command, { netns, result }: Partial<Attached>): object | undefined {
    if (command !== 'ADD') return knows(this.version, 'CHECK') ? result : undefined;
    return netns === undefined || !this.fixture.prevResult
      ? undefined
      : convertResult(this.fixture.prevResult(netns), this.version);
  }

  async clear(): Promise<void> {
    for (const container of this.#touched.reverse()) await this.ask('DEL', container);
    for (const netns of [...this.#namespaces.keys()]) await this.removeNamespace(netns);
  }
}

/**
 * Requires that the snapshot becomes what it was before, within 4 s: the kernel takes some time to remove the contents of
 * a namespace. The limit is below the usual 5 s of test runners, which could not report the difference.
 */
export async function restored(bench: Bench, { netns, before }: Container): Promise<void> {
  for (let tries = 40; tries > 0; tries--) {
    if (isDeepStrictEqual(await bench.snapshot(netns), before)) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  assert.deepEqual(await bench.snapshot(netns), before);
}

/** The result of an ADD, which must have succeeded. */
export function resultOf(answer: Answer): object {
  succeeded(answer);
  return onlyValue(answer);
}

function succeeded(answer: Answer): void {
  if (answer.exitCode !== 0) fail(answer, 'failed');
}

/** Requires success of a command that has no result. */
export function succeededSilently(answer: Answer): void {
  succeeded(answer);
  if (answer.stdout.trim() !== '') fail(answer, 'printed something');
}

/** The error of a request, which must have failed. */
export function errorOf(answer: Answer, code?: number): { cniVersion?: string; code: number; msg: string } {
  if (answer.exitCode === 0) fail(answer, 'succeeded, where an error was due');
  const error = onlyValue(answer) as { cniVersion?: string; code: number; msg: string };
  if (!Number.isInteger(error.code) || error.code < 0)
    fail(answer, 'failed with a code that is no non-negative integer');
  if (typeof error.msg !== 'string') fail(answer, 'failed with a msg that is no string');
  if (code !== undefined && error.code !== code) fail(answer, `failed with another code than ${code}`);
  return error;
}

function onlyValue(answer: Answer): object {
  try {
    return readObject(JSON.parse(answer.stdout), 'it');
  } catch (error) {
    return fail(answer, `did not print one JSON object: ${messageOf(error)}`);
  }
}

/** Reports what is wrong with an answer, and everything that it printed. */
function fail({ command, stdout, stderr }: Answer, what: string): never {
  const seen = Object.entries({ 'standard output': stdout, 'standard error': stderr });
  const shown = seen.map(([stream, text]) => (text ? `\n${stream}: ${text.trimEnd()}` : ''));
  throw new assert.AssertionError({ message: `${command} ${what}${shown.join('')}` });
}
