import { definePlugin, multicall } from '../src/index.ts';

const one = definePlugin({ name: 'one', version: '1', add: () => ({}), del: () => {} });

multicall({
  one,
  two: () => definePlugin({ name: 'two', version: '2', add: () => ({}), del: () => {} }),
  broken: () => {
    throw new Error('cannot be loaded');
  },
});
