// The requirements of the SPEC for plugins, as cases for any test runner.
import { familyOf } from '../../result/result.ts';
import { knows } from '../../version.ts';
import { attachmentCases, chainedCases, interfaceCases, ipamCases, repeatedCases, sandboxCases } from './attachment.ts';
import { Bench } from './bench.ts';
import type { Fixture } from './fixture.ts';
import { protocolCases } from './protocol.ts';
import { type Subject, versionsOf } from './subject.ts';
import { checkCases, collectionCases, damageCases } from './upkeep.ts';

/** A requirement of the SPEC. */
export interface ConformanceCase {
  /** Version and requirement: `1.1.0: DEL can be repeated`. */
  readonly name: string;
  /** Rejects with an AssertionError, which has the plugin's output, if the plugin does not meet the requirement. */
  run(): Promise<void>;
}

/** Requirements for the result of each kind, since 0.3.0, when results have interfaces. */
const resultCases = { interface: sandboxCases, chained: chainedCases, ipam: ipamCases };

/**
 * One case for each requirement of the SPEC that can be observed from outside, with each version that the plugin supports.
 * Give each case to a test runner, which must run one at a time:
 *
 * ```ts
 * for (const { name, run } of conformance(plugin, fixture)) test(name, run);
 * ```
 */
export function* conformance(subject: Subject, fixture: Fixture): Iterable<ConformanceCase> {
  const { kind = 'interface', damage, versions = versionsOf(subject) } = fixture;
  for (const version of versions) {
    const cases = {
      ...(version === versions.at(-1) && protocolCases),
      ...attachmentCases,
      ...(kind !== 'chained' && repeatedCases),
      ...(kind === 'interface' && interfaceCases),
      ...(familyOf(version) !== '0.2.0' && resultCases[kind]),
      ...(knows(version, 'CHECK') && { ...checkCases, ...(damage && damageCases) }),
      ...(knows(version, 'GC') && collectionCases),
    };
    for (const [name, check] of Object.entries(cases)) {
      yield { name: `${version}: ${name}`, run: () => runCase(check, new Bench(subject, fixture, version)) };
    }
  }
}

/** If both the case and the clean-up fail, the error of the case is thrown. */
async function runCase(check: (bench: Bench) => Promise<void>, bench: Bench): Promise<void> {
  try {
    await check(bench);
  } catch (error) {
    await bench.clear().catch(() => {});
    throw error;
  }
  await bench.clear();
}
