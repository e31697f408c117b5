// Runs every project's tests and counts what they reported. The last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync } from 'node:fs';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

const projects = '{packages/*,apps/*,tools}';

for (const results of globSync(`${projects}/.results`)) rmSync(results, { recursive: true });
const { status } = spawnSync('nx', ['run-many', '--targets=test', '--nxBail=false', ...process.argv.slice(2)], {
  stdio: 'inherit',
});

let passed = 0;
let failed = 0;
for (const file of globSync(`${projects}/.results/*.json`)) {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not be loaded reports no tests.
  failed += report.testResults.filter(
    result => result.status === 'failed' && result.assertionResults.length === 0,
  ).length;
}
if (status !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
