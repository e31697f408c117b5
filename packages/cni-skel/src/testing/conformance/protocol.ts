import assert from 'node:assert/strict';
import { type Bench, errorOf, resultOf } from './bench.ts';

/** Requirements that are met before any handler runs. They are the same for every version. */
export const protocolCases: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  async 'VERSION lists the versions that are supported'(bench) {
    const answer = await bench.ask('VERSION', undefined, { stdin: '{"cniVersion":"1.1.0"}' });
    const { cniVersion, supportedVersions } = resultOf(answer) as { cniVersion?: unknown; supportedVersions?: unknown };
    assert.equal(typeof cniVersion, 'string', `cniVersion is ${cniVersion}`);
    assert.ok(Array.isArray(supportedVersions), `supportedVersions is ${supportedVersions}`);
    assert.ok(supportedVersions.includes(bench.version), `supportedVersions lacks ${bench.version}`);
  },

  async 'an unknown command is error 4'(bench) {
    errorOf(await bench.ask('NOPE' as 'ADD', await bench.container()), 4);
  },

  ...Object.fromEntries(
    ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'].map(name => [
      `ADD without ${name} is error 4, which names it`,
      async (bench: Bench) => {
        const { msg } = errorOf(await bench.ask('ADD', await bench.container(), { env: { [name]: '' } }), 4);
        assert.ok(msg.includes(name), `the message does not name ${name}: ${msg}`);
      },
    ]),
  ),

  async 'a containerID with other characters is error 4'(bench) {
    errorOf(await bench.ask('ADD', { ...(await bench.container()), containerID: 'a/b' }), 4);
  },

  async 'an interface name that the kernel refuses is error 4'(bench) {
    const container = await bench.container();
    for (const name of ['sixteen-letters-', '..', 'a/b', 'a b']) {
      errorOf(await bench.ask('ADD', container, { env: { CNI_IFNAME: name } }), 4);
    }
  },

  async 'a configuration that is no JSON is error 6'(bench) {
    const container = await bench.container();
    for (const stdin of ['', '{', '[]']) errorOf(await bench.ask('ADD', container, { stdin }), 6);
  },

  async 'a configuration without a valid name is error 7'(bench) {
    const container = await bench.container();
    for (const name of ['', 'a/b']) errorOf(await bench.ask('ADD', container, { conf: { name } }), 7);
  },

  async 'a configuration of an unknown version is error 1'(bench) {
    errorOf(await bench.ask('ADD', await bench.container(), { conf: { cniVersion: '0.0.9' } }), 1);
  },

  async 'an error names the version of the configuration'(bench) {
    const { cniVersion } = errorOf(await bench.ask('ADD', await bench.container(), { conf: { cniVersion: '0.0.9' } }));
    assert.equal(cniVersion, '0.0.9', `cniVersion is ${cniVersion}`);
  },
};
