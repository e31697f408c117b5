// The commands of later versions: CHECK, GC and STATUS.
import assert from 'node:assert/strict';
import { type Attached, type Bench, errorOf, restored, succeededSilently } from './bench.ts';

type Case = (bench: Bench) => Promise<void>;

/** CHECK, since 0.4.0. */
export const checkCases: Readonly<Record<string, Case>> = {
  async 'CHECK accepts what ADD made, and changes nothing'(bench) {
    const attached = await bench.attach();
    const before = await bench.snapshot(attached.netns);
    succeededSilently(await bench.ask('CHECK', attached));
    assert.deepEqual(await bench.snapshot(attached.netns), before);
  },

  async 'CHECK without prevResult is an error'(bench) {
    const { result: _, ...attached } = await bench.attach();
    errorOf(await bench.ask('CHECK', attached));
  },

  async 'CHECK after DEL is an error'(bench) {
    const attached = await bench.attach();
    succeededSilently(await bench.ask('DEL', attached));
    errorOf(await bench.ask('CHECK', attached));
  },

  async 'CHECK accepts an attachment after DEL of another'(bench) {
    const [one, other] = [await bench.attach(), await bench.attach()];
    succeededSilently(await bench.ask('DEL', one));
    succeededSilently(await bench.ask('CHECK', other));
  },
};

/** CHECK, if the fixture can do damage. */
export const damageCases: Readonly<Record<string, Case>> = {
  async 'CHECK refuses what was damaged'(bench) {
    const attached = await bench.attach();
    await bench.fixture.damage?.(attached.netns);
    errorOf(await bench.ask('CHECK', attached));
  },
};

/** GC and STATUS, since 1.1.0. */
export const collectionCases: Readonly<Record<string, Case>> = {
  async 'GC leaves valid attachments alone'(bench) {
    const attached = await bench.attach();
    const before = await bench.snapshot(attached.netns);
    await collect(bench, [attached]);
    assert.deepEqual(await bench.snapshot(attached.netns), before);
  },

  async 'GC removes the stale attachment, and leaves the valid one alone'(bench) {
    const witness = await bench.container();
    const valid = await bench.attach();
    const before = await bench.snapshot(witness.netns);
    const stale = await bench.attach();
    await bench.removeNamespace(stale.netns);
    await collect(bench, [valid]);
    await restored(bench, { ...witness, before });
    succeededSilently(await bench.ask('CHECK', valid));
  },

  async 'GC without a list leaves everything alone'(bench) {
    const attached = await bench.attach();
    const before = await bench.snapshot(attached.netns);
    succeededSilently(await bench.ask('GC'));
    assert.deepEqual(await bench.snapshot(attached.netns), before);
  },

  async 'GC removes what ADD left on the node, after the container is gone'(bench) {
    const witness = await bench.container();
    const attached = await bench.attach();
    await bench.removeNamespace(attached.netns);
    await collect(bench, []);
    await restored(bench, witness);
  },

  async 'STATUS succeeds where ADD does'(bench) {
    await bench.attach();
    succeededSilently(await bench.ask('STATUS'));
  },
};

async function collect(bench: Bench, valid: readonly Attached[]): Promise<void> {
  const list = valid.map(({ containerID }) => ({ containerID, ifname: bench.ifName }));
  const conf = { 'cni.dev/valid-attachments': list, 'cni.dev/attachments': list };
  succeededSilently(await bench.ask('GC', undefined, { conf }));
}
