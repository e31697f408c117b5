// Runs both commands in their sandbox, with the compiled plugin.
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { runInSandbox } from '../sandbox.ts';

function command(file: string, input = '') {
  const program = join(import.meta.dirname, file);
  const { status, stdout, stderr } = runInSandbox(process.execPath, ['--conditions=@spider/source', program], {
    stdio: 'pipe',
    input,
  });
  return { status, stdout: stripVTControlCharacters(stdout.toString()), stderr: stderr.toString() };
}

it('shows in the quickstart that veth connects a pod to its cluster, and that nothing else does', () => {
  const { status, stdout, stderr } = command('quickstart.ts');
  expect(stdout.split('\n'), stderr).toEqual([
    '                              without veth        with veth',
    'from          to              IPv4     IPv6       IPv4     IPv6',
    'pod           ClusterIP       fails    fails      works    works',
    'pod           overlay pod     fails    fails      works    works',
    'overlay pod   pod             fails    fails      works    works',
    'pod           own node        fails    fails      works    works',
    'own node      pod             fails    fails      works    works',
    'LAN client    pod             works    works      works    works',
    'pod           gateway         works    works      works    works',
    '',
  ]);
  expect(status).toBe(0);
});

it('runs commands from stdin in the open lab, and ends with their exit status', () => {
  const { status, stdout, stderr } = command('shell.ts', 'ip -n pod route get 10.96.0.10\nexit 7\n');
  expect(stdout, stderr).toContain('10.96.0.10 via 169.254.1.1 dev veth0 src 10.6.0.100');
  expect(status).toBe(7);
});

it('names commands to try in the open lab that all work', () => {
  const { stderr } = command('shell.ts');
  const suggested = stderr.split('\n').filter(line => line.startsWith('  ip '));
  expect(suggested.length).toBeGreaterThan(3);
  const { status, stdout } = command('shell.ts', `set -e\n${suggested.join('\n')}\n`);
  expect(stdout).toContain('{"address":"10.96.0.10","server":"overlay","source":"10.6.0.100"}');
  expect(stdout).toContain('{"address":"fd00:10:6::100","server":"pod","source":"fd00:10:6::20"}');
  expect(status).toBe(0);
});
