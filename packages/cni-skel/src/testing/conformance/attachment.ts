import assert from 'node:assert/strict';
import { parseResult } from '../../result/parse.ts';
import { type Bench, type Container, errorOf, restored, resultOf, succeededSilently } from './bench.ts';

type Case = (bench: Bench) => Promise<void>;

const own = '/proc/self/ns/net';

/** ADD and DEL, for every plugin. */
export const attachmentCases: Readonly<Record<string, Case>> = {
  async 'ADD prints a result of the version of the configuration'(bench) {
    const { result } = await bench.attach();
    const { cniVersion } = result as { cniVersion?: string };
    assert.equal(cniVersion, bench.version, `the result says that it is of ${cniVersion}`);
    parseResult(result, bench.version);
  },

  async 'ADD ignores args that it does not know'(bench) {
    const args = { 'example.org': { unknown: true }, cni: { unknown: true } };
    resultOf(await bench.add(await bench.container(), { conf: { args } }));
  },

  async 'ADD in the namespace of the plugin is an error, and changes nothing'(bench) {
    const container = await bench.container();
    errorOf(await bench.add({ ...container, netns: own }));
    assert.deepEqual(await bench.snapshot(container.netns), container.before);
  },

  async 'ADD serves ten containers at once'(bench) {
    const containers = [];
    for (let count = 0; count < 10; count++) containers.push(await bench.container());
    for (const answer of await Promise.all(containers.map(container => bench.add(container)))) resultOf(answer);
  },

  async 'DEL removes what ADD made'(bench) {
    await detaches(bench, await bench.attach());
  },

  async 'DEL can be repeated'(bench) {
    const attached = await bench.attach();
    await detaches(bench, attached);
    await detaches(bench, attached);
  },

  async 'DEL after an ADD whose result could not be written removes what that made'(bench) {
    const container = await bench.container();
    const { exitCode } = await bench.add(container, { full: true });
    assert.notEqual(exitCode, 0, 'ADD succeeded');
    await detaches(bench, container);
  },

  async 'DEL without an ADD succeeds'(bench) {
    await detaches(bench, await bench.container());
  },

  async 'DEL without prevResult removes what ADD made'(bench) {
    const { result: _, ...attached } = await bench.attach();
    await detaches(bench, attached);
  },

  async 'DEL with a mangled prevResult succeeds'(bench) {
    const attached = await bench.attach();
    succeededSilently(await bench.ask('DEL', attached, { conf: { prevResult: { cniVersion: '9.9.9' } } }));
  },

  async 'DEL without CNI_NETNS succeeds'(bench) {
    succeededSilently(await bench.ask('DEL', { ...(await bench.attach()), netns: '' }));
  },

  async 'DEL after the namespace is gone removes what ADD left on the node'(bench) {
    const witness = await bench.container();
    const attached = await bench.attach();
    await bench.removeNamespace(attached.netns);
    succeededSilently(await bench.ask('DEL', attached));
    await restored(bench, witness);
  },

  async 'DEL with the namespace of the plugin succeeds, and changes nothing there'(bench) {
    const attached = await bench.attach();
    succeededSilently(await bench.ask('DEL', { ...attached, netns: own }));
  },

  async 'DEL of one attachment leaves another alone'(bench) {
    const other = await bench.attach();
    const before = await bench.snapshot(other.netns);
    succeededSilently(await bench.ask('DEL', await bench.attach()));
    assert.deepEqual(await bench.snapshot(other.netns), before);
  },
};

/** For plugins that are not chained, so that they can be called more than once for a container. */
export const repeatedCases: Readonly<Record<string, Case>> = {
  async 'a container can have two attachments, and loses one by DEL of that one'(bench) {
    const container = await bench.container();
    const [one, other] = [container, { ...container, ifName: 'other0' }];
    const result = resultOf(await bench.add(one));
    const before = await bench.snapshot(container.netns);
    const attached = { ...other, result: resultOf(await bench.add(other)) };
    succeededSilently(await bench.ask('DEL', attached));
    assert.deepEqual(await bench.snapshot(container.netns), before);
    succeededSilently(await bench.ask('DEL', { ...one, result }));
  },
};

/** For chained plugins: the result passes on what earlier plugins created. Since 0.3.0 results have interfaces. */
export const chainedCases: Readonly<Record<string, Case>> = {
  async 'ADD hands on the interfaces and addresses of the plugins before'(bench) {
    const { result, netns } = await bench.attach();
    const { interfaces = [], ips = [] } = bench.fixture.prevResult?.(netns) ?? {};
    const handedOn = parseResult(result, bench.version);
    for (const { name, sandbox } of interfaces) {
      const there = handedOn.interfaces?.some(one => one.name === name && one.sandbox === sandbox);
      assert.ok(there, `the interface ${name} is missing`);
    }
    const addresses = handedOn.ips?.map(({ address }) => address);
    for (const { address } of ips) assert.ok(addresses?.includes(address), `the address ${address} is missing`);
  },
};

/** For IPAM plugins, since 0.3.0: their results have addresses and no interfaces. */
export const ipamCases: Readonly<Record<string, Case>> = {
  async 'ADD of an IPAM plugin returns addresses, and no interface'(bench) {
    const { interfaces, ips = [] } = parseResult((await bench.attach()).result, bench.version);
    assert.ok(ips.length > 0, 'there is no address');
    assert.equal(interfaces, undefined, 'there are interfaces');
    for (const ip of ips) assert.equal(ip.interface, undefined, `${ip.address} points at an interface`);
  },
};

/** For plugins that create an interface, since 0.3.0, when results have interfaces. */
export const sandboxCases: Readonly<Record<string, Case>> = {
  async 'ADD names CNI_NETNS as the sandbox of an interface'(bench) {
    const { result, netns } = await bench.attach();
    const sandboxes = parseResult(result, bench.version).interfaces?.map(({ sandbox }) => sandbox) ?? [];
    assert.ok(sandboxes.includes(netns), `${netns} is not among [${sandboxes}]`);
  },
};

/** For plugins that create an interface. */
export const interfaceCases: Readonly<Record<string, Case>> = {
  async 'ADD of an interface that is there is an error, and changes nothing'(bench) {
    const attached = await bench.attach();
    const before = await bench.snapshot(attached.netns);
    errorOf(await bench.ask('ADD', attached));
    assert.deepEqual(await bench.snapshot(attached.netns), before);
  },
};

/** Requires that DEL succeeds and restores the state before ADD. */
async function detaches(bench: Bench, { netns, before, ...rest }: Container): Promise<void> {
  succeededSilently(await bench.ask('DEL', { ...rest, netns }));
  assert.deepEqual(await bench.snapshot(netns), before);
}
