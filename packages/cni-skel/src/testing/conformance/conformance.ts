// What the SPEC asks of every plugin, as cases for any test runner.
import { familyOf } from '../../result/result.ts';
import { knows } from '../../version.ts';
import { attachmentCases, chainedCases, interfaceCases, ipamCases, repeatedCases, sandboxCases } from './attachment.ts';
import { Bench } from './bench.ts';
import type { Fixture } from './fixture.ts';
import { protocolCases } from './protocol.ts';
import { type Subject, versionsOf } from './subject.ts';
import { checkCases, collectionCases, damageCases } from './upkeep.ts';

/** One thing that the SPEC asks. */
export interface ConformanceCase {
  /** `1.1.0: DEL can be repeated` */
  readonly name: string;
  /** Rejects, with an AssertionError that says what was seen, where the plugin does not do it. */
  run(): Promise<void>;
}

/** What the result of each kind says, where results name interfaces: since 0.3.0. */
const resultCases = { interface: sandboxCases, chained: chainedCases, ipam: ipamCases };

/**
 * One case for each demand of the SPEC that can be seen from outside, under each version that the plugin supports.
 * Hand each to a test runner, one at a time:
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

/** What a case fails of comes before what then cannot be cleared away. */
async function runCase(check: (bench: Bench) => Promise<void>, bench: Bench): Promise<void> {
  try {
    await check(bench);
  } catch (error) {
    await bench.clear().catch(() => {});
    throw error;
  }
  await bench.clear();
}
