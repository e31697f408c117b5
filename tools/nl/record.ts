// node --conditions=@spider/source tools/nl/record.ts FILE...
// Fills in the `hex` of golden vectors: runs the `command` of each in a sandbox that `setup` has prepared, and records the
// last message that it sent to the kernel. `operation` and `object`, the meaning of the message, are written by hand.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInSandbox } from '../sandbox.ts';
import { readStrace } from './capture.ts';
import { decode } from './decode.ts';

interface Vector {
  readonly command: string;
  /** `route.add` */
  readonly operation: string;
  hex: string;
}

interface Vectors {
  readonly setup: readonly string[];
  readonly vectors: readonly Vector[];
}

for (const file of process.argv.slice(2)) {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
  for (const vector of content.vectors) vector.hex = record(content.setup, vector);
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
}
spawnSync('biome', ['format', '--write', ...process.argv.slice(2)], { stdio: 'inherit' });

function record(setup: readonly string[], { command, operation }: Vector): string {
  const trace = join(tmpdir(), `strace-${process.pid}`);
  const strace = `strace -f -e trace=sendmsg,sendto -e write=all -e signal=none -o ${trace}`;
  // The command may fail: only its request is recorded.
  const { status, stderr } = runInSandbox(
    'sh',
    ['-c', `set -e; ${setup.join('; ')}; set +e; ${strace} ${command}; :`],
    {
      stdio: 'pipe',
    },
  );
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  const messages = readStrace(readFileSync(trace, 'utf8')).flatMap(decode);
  const message = messages.findLast(({ kind }) => kind?.kind === operation.split('.')[0])?.bytes;
  if (!message) throw new Error(`${command}: sent nothing: ${stderr}`);
  // The sequence number is the time of day.
  message.fill(0, 8, 12);
  return Buffer.from(message).toString('hex');
}
