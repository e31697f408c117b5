import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('_exit ends the process with its status, and runs no handler', () => {
  const script = `
    import { _exit } from '${import.meta.dirname}/index.ts';
    process.on('exit', () => console.log('a handler ran'));
    _exit(7);
    console.log('the process went on');
  `;
  const { status, stdout } = spawnSync(process.execPath, ['--conditions=@spider/source', '-e', script]);
  expect({ status, stdout: `${stdout}` }).toEqual({ status: 7, stdout: '' });
});
