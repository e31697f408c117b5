export { type NetworkConf, type NetworkConfList, parseConfList } from './conflist.ts';
export { Runtime, type RuntimeConf, type RuntimeOptions } from './runtime.ts';
