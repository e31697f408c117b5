import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';

const program = join(import.meta.dirname, 'python-ipaddress.py');

/** Asks one Python process all questions; python-ipaddress.py lists those that it answers. */
function ask(questions: readonly (readonly unknown[])[]): unknown[] {
  const { error, status, stdout, stderr } = spawnSync('python3', [program], {
    input: JSON.stringify(questions),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw new Error('these tests need python3: apt-get install -y python3', { cause: error });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Compares 500 arbitrary cases with Python's answers. */
export function assertAgainstPython<Case, Answer>(
  cases: fc.Arbitrary<Case>,
  question: (value: Case) => readonly unknown[],
  check: (value: Case, answer: Answer) => void,
): void {
  const count = 500;
  fc.assert(
    fc.property(fc.array(cases, { minLength: count, maxLength: count }), values => {
      for (const [i, answer] of ask(values.map(question)).entries()) check(values[i]!, answer as Answer);
    }),
    { numRuns: 1, endOnFailure: true },
  );
}
