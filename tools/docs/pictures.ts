// All generated pictures, by file.
import { datapath } from './datapath.ts';
import { plot } from './figures.ts';
import { scenes, secondNic } from './second-nic.ts';

export const pictures: Readonly<Record<string, () => string>> = {
  'docs/datapath.svg': datapath,
  'docs/datapath-several.svg': () => secondNic(scenes.several),
  'docs/datapath-overlay.svg': () => secondNic(scenes.overlay),
  'docs/figures/veth.svg': () => plot('veth'),
  'docs/figures/rtnetlink.svg': () => plot('rtnetlink'),
  'docs/figures/load.svg': () => plot('load'),
};
