// One round of a comparison.
import type { Measure } from './measure.ts';
import { type Scenario, type Subject, verbs } from './scenario.ts';

/** Runs every process once, in turn: all starts, all VERSIONs, all ADDs and so on. */
export async function round<T>(
  { startUps, contenders }: Omit<Scenario, 'install'>,
  measure: Measure<T>,
): Promise<(Subject & { measured: T })[]> {
  const subjects = startUps.map(({ verb, name, process }) => ({ verb, name, measured: measure(process).measured }));
  const results = await series(contenders.length, i => contenders[i]!.prepare());
  for (const verb of verbs)
    for (const [i, contender] of contenders.entries()) {
      const { stdout, measured } = measure(contender.process(verb, results[i]));
      if (verb === 'ADD') results[i] = JSON.parse(stdout);
      subjects.push({ verb, name: contender.name, measured });
    }
  return subjects;
}

/** Repeats an action. */
export async function series<T>(length: number, action: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < length; i++) results.push(await action(i));
  return results;
}
