// node scripts/conformance-table.ts
// Writes docs/cni-conformance.md: every rule with the tests that verify it, whose names begin with the rule's number.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { differences } from './differences.ts';
import { type Rule, rules } from './rules.ts';

const root = join(import.meta.dirname, '..');
export const file = join(root, '../../docs/cni-conformance.md');

const head = `# Conformance to the CNI protocol

What the protocol asks of a plugin, according to the SPEC and the reference implementation, and the tests of
\`@spider/cni-skel\` for it. The names of the tests begin with the number of the rule. If we differ on purpose, the rule
says why.

Made by \`node packages/cni-skel/scripts/conformance-table.ts\`; a test fails if it is stale.
`;

interface Test {
  readonly file: string;
  readonly name: string;
}

/** Matches the subject of a `describe`, and titles of tests that begin with numbers of rules. */
const titles = /describe(?:\.each\(.*\))?\(\s*['"](.*?)['"],|(['"`])((?:C\d+ )+)(.*?)\2[,)]/g;

/** The tests by rule, in the order of their files. */
function testsByRule(): Map<string, Test[]> {
  const tests = new Map<string, Test[]>();
  for (const file of globSync('{src,test}/**/*.test.ts', { cwd: root }).sort()) {
    const source = readFileSync(join(root, file), 'utf8');
    let subject = '';
    for (const [, described, , numbers = '', rest = ''] of source.matchAll(titles)) {
      if (described !== undefined) subject = described;
      const name = `${subject} ${rest}`;
      for (const number of numbers.split(' ').filter(Boolean)) {
        tests.set(number, [...(tests.get(number) ?? []), { file, name }]);
      }
    }
  }
  return tests;
}

function row(number: string, { demand, source, differs, elsewhere }: Rule, tests: readonly Test[]): string {
  const what = differs ? `${demand} **We differ:** ${differs}` : demand;
  const held = tests.map(({ file, name }) => `[${escapeMarkdown(name)}](../packages/cni-skel/${file})`);
  return `| ${number} | ${what} | ${source} | ${elsewhere ?? held.join('<br>')} |`;
}

function escapeMarkdown(name: string): string {
  return name.replaceAll('\\', '').replace(/[|<>[\]*_]/g, '\\$&');
}

/** The document. @throws Error a rule has no test, or a test has a number that is no rule's */
export function conformanceTable(): string {
  const tests = testsByRule();
  const chapters = Object.entries(rules).map(([title, chapter]) => {
    const rows = Object.entries(chapter).map(([number, rule]) => {
      const own = tests.get(number) ?? [];
      tests.delete(number);
      if ((own.length === 0) !== (rule.elsewhere !== undefined)) throw new Error(`${number} has ${own.length} tests`);
      return row(number, rule, own);
    });
    return `\n## ${title}\n\n| Rule | Demand | Source | Held by |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  if (tests.size > 0) throw new Error(`no such rules: ${[...tests.keys()].join(', ')}`);
  return head + chapters.join('') + referencePlugins();
}

function referencePlugins(): string {
  const rows = Object.entries(differences).flatMap(([plugin, listed]) =>
    Object.entries(listed).map(([demand, why]) => `| ${plugin} | ${escapeMarkdown(demand)} | ${why} |\n`),
  );
  return referenceHead + rows.join('');
}

const referenceHead = `
## Where the reference plugins differ

The conformance kit of \`@spider/cni-skel/testing\` also runs against Debian 12's containernetworking-plugins 1.1.1. The
table lists every difference; [a test](../packages/cni-skel/test/reference-plugins.test.ts) fails if one is missing here
or no longer exists.

| Plugin | Demand | What it does |
| --- | --- | --- |
`;

if (import.meta.main) writeFileSync(file, conformanceTable());
