// Uses that the types must forbid: the compiler must report each expected error.
import { expectTypeOf } from 'vitest';
import {
  CNIError,
  definePlugin,
  dnsOf,
  type IPAMResult,
  type IPConfig020,
  type K8sArgs,
  type Plugin,
  type Result,
  type RuntimeConfig,
  type StandardSchema,
  type WireResult,
} from './index.ts';
import { convertResult, parseResult } from './result/index.ts';

const base = { name: 'p', version: '1' };
const result: Result = {};
const del = () => {};
declare const mtuSchema: StandardSchema<{ mtu: number }>;
declare const portSchema: StandardSchema<{ PORT: number }>;

// ── kinds ──────────────────────────────────────────────────────────────────

expectTypeOf(definePlugin({ ...base, add: () => result, del })).toEqualTypeOf<Plugin>();
definePlugin({ ...base, add: async () => result, del: async () => {} });

// @ts-expect-error: an interface plugin's ADD returns a result
definePlugin({ ...base, add: () => {}, del });

definePlugin({ ...base, kind: 'chained', add: () => {}, del });
definePlugin({ ...base, kind: 'chained', add: async () => {}, del });
definePlugin({ ...base, kind: 'chained', add: ({ prevResult }) => prevResult, del });

const addresses: IPAMResult = { ips: [{ address: '10.0.0.2/24' }] };
definePlugin({ ...base, kind: 'ipam', add: () => addresses, del });

// @ts-expect-error: an IPAM plugin allocates addresses
definePlugin({ ...base, kind: 'ipam', add: () => ({}), del });

// @ts-expect-error: an IPAM plugin has no interfaces
definePlugin({ ...base, kind: 'ipam', add: () => ({ ips: [], interfaces: [{ name: 'eth0' }] }), del });

// @ts-expect-error: there are three kinds
definePlugin({ ...base, kind: 'meta', add: () => result, del });

// @ts-expect-error: ADD and DEL are not optional
definePlugin({ ...base, add: () => result });

// @ts-expect-error: only existing versions
definePlugin({ ...base, supportedVersions: ['1.2.0'], add: () => result, del });

// @ts-expect-error: a plugin supports at least one
definePlugin({ ...base, supportedVersions: [], add: () => result, del });

// @ts-expect-error: an IPAM plugin has no interface for its addresses
definePlugin({ ...base, kind: 'ipam', add: () => ({ ips: [{ address: '10.0.0.2/24', interface: 0 }] }), del });

// @ts-expect-error: there is no such handler
definePlugin({ ...base, add: () => result, del, chek: () => {} });

// @ts-expect-error: without a schema the configuration has no own keys
definePlugin<{ mtu: number }>({ ...base, add: () => result, del });

// @ts-expect-error: without a schema there are no own arguments
definePlugin<object, { PORT: number }>({ ...base, add: () => result, del });

// @ts-expect-error: a plugin that is not declared as chained is called without a previous result
definePlugin<object, K8sArgs, 'chained'>({ ...base, add: () => {}, del });

// ── contexts ───────────────────────────────────────────────────────────────

definePlugin({
  ...base,
  add({ prevResult, args, runtimeConfig, conf, netns }) {
    // @ts-expect-error: an interface plugin may be the first of its chain
    prevResult.ips;
    // @ts-expect-error: the configuration need not have IPAM settings
    conf.ipam.type;
    // @ts-expect-error: the configuration has only keys of the schema
    conf.mtu;
    expectTypeOf(args).toEqualTypeOf<K8sArgs>();
    expectTypeOf(runtimeConfig).toEqualTypeOf<RuntimeConfig>();
    expectTypeOf(netns).toBeString();
    return result;
  },
  del({ netns, prevResult }) {
    // @ts-expect-error: the namespace may no longer exist
    netns.length;
    // @ts-expect-error: the result may no longer exist
    prevResult.ips;
  },
  check({ netns, prevResult }) {
    expectTypeOf(netns).toBeString();
    expectTypeOf(prevResult).toEqualTypeOf<Result>();
  },
  gc({ validAttachments, ...context }) {
    // @ts-expect-error: the runtime may have sent no list, which is not an empty one
    validAttachments.length;
    // @ts-expect-error: GC has no container
    context.containerID;
    // @ts-expect-error: GC has no rollback
    context.rollback;
  },
  status(context) {
    // @ts-expect-error: STATUS has no container
    context.netns;
  },
});

definePlugin({
  ...base,
  kind: 'chained',
  add({ prevResult }) {
    expectTypeOf(prevResult).toEqualTypeOf<Result>();
  },
  del,
});

// ── schemas ────────────────────────────────────────────────────────────────

definePlugin({
  ...base,
  conf: mtuSchema,
  args: portSchema,
  delegates: conf => (conf.ipam && conf.mtu ? [conf.ipam.type] : []),
  log: conf => ({ file: conf.name }),
  add({ conf, args }) {
    expectTypeOf(conf.mtu).toBeNumber();
    expectTypeOf(args).toEqualTypeOf<{ PORT: number }>();
    return result;
  },
  del,
});

definePlugin({
  ...base,
  kind: 'ipam',
  conf: mtuSchema,
  add({ conf }) {
    expectTypeOf(conf.ipam.mtu).toBeNumber();
    // @ts-expect-error: an IPAM plugin's own keys are in ipam
    conf.mtu;
    return addresses;
  },
  del,
});

// ── results ────────────────────────────────────────────────────────────────

expectTypeOf(convertResult(result, '0.2.0').ip4).toEqualTypeOf<IPConfig020 | undefined>();
// @ts-expect-error: a result of 0.2.0 has no list of addresses
convertResult(result, '0.2.0').ips;
// @ts-expect-error: a result of 0.4.0 has the IP version of each address
const wire: WireResult<'0.4.0'> = { cniVersion: '0.4.0', ips: [{ address: '10.0.0.2/24' }] };

// @ts-expect-error: there is no such version
convertResult(result, '1.2.0');
// @ts-expect-error: there is no such version
parseResult({}, '1.2.0');

// Optional members can be passed on even if they are undefined.
declare const mac: string | undefined;
definePlugin({
  ...base,
  add: ({ conf }) => ({ ...result, interfaces: [{ name: 'eth0', mac }], dns: dnsOf(conf, result) }),
  del,
});
definePlugin({
  ...base,
  kind: 'ipam',
  add: () => ({ ips: [{ address: '10.0.0.2/24', gateway: mac }], dns: undefined }),
  del,
});

// `args` may have other members than those of CONVENTIONS.md, but they are not validated.
definePlugin({
  ...base,
  add({ conf }) {
    expectTypeOf(conf.args?.cni?.['mac']).toBeUnknown();
    return result;
  },
  del,
});

// ── errors ─────────────────────────────────────────────────────────────────

class OwnError extends CNIError {
  readonly hint = 'hint';
}
declare const thrown: unknown;
if (thrown instanceof OwnError) expectTypeOf(thrown).toEqualTypeOf<OwnError>();
else if (thrown instanceof CNIError) expectTypeOf(thrown).toEqualTypeOf<CNIError>();

export { wire };
