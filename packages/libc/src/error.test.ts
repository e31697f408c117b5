import { expect, test } from 'vitest';
import { LinuxError } from './error.ts';

test('tells the call, the name and the meaning', () => {
  const error = new LinuxError('setns', 1);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe('LinuxError: setns: EPERM (Operation not permitted)');
  expect({ ...error }).toMatchObject({ syscall: 'setns', errno: 1, code: 'EPERM' });
});
