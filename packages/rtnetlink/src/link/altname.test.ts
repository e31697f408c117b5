import { expect, test } from 'vitest';
import { ip } from '../../test/kernel.ts';
import { Rtnetlink } from '../rtnetlink.ts';
import { altName } from './altname.ts';
import { link } from './link.ts';

test('a link is found by each of its further names, and not by one that was taken away', () => {
  using nl = Rtnetlink.open();
  nl.execute(link.add({ name: 'alt0', info: { kind: 'bridge' } }));
  const { index } = nl.execute(link.get({ name: 'alt0' }))!;
  const long = 'c'.repeat(64).concat('@underlay@net1');
  nl.execute(altName.add({ index, altNames: ['second', long] }));
  expect(nl.execute(link.get({ altName: long }))).toMatchObject({ name: 'alt0', altNames: ['second', long] });
  expect(ip('link', 'show', 'dev', 'alt0')).toMatchObject([{ altnames: ['second', long] }]);
  nl.execute(altName.delete({ index, altNames: [long] }));
  expect(nl.execute(link.get({ altName: long }))).toBeUndefined();
  expect(nl.execute(link.get({ altName: 'second' }))).toMatchObject({ index });
  nl.execute(link.delete({ index }));
});

test('a name that a link bears is given to no other', () => {
  using nl = Rtnetlink.open();
  nl.batch([
    link.add({ name: 'alt1', info: { kind: 'bridge' } }),
    link.add({ name: 'alt2', info: { kind: 'bridge' } }),
  ]);
  const [first, second] = nl.batch([link.get({ name: 'alt1' }), link.get({ name: 'alt2' })]);
  nl.execute(altName.add({ index: first!.index, altNames: ['taken'] }));
  expect(() => nl.execute(altName.add({ index: second!.index, altNames: ['taken'] }))).toThrow(/altName\.add .*EEXIST/);
  nl.batch([link.delete({ index: first!.index }), link.delete({ index: second!.index })]);
});
