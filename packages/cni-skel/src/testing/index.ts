export { type NetworkConf, type NetworkConfList, parseConfList } from './conflist.ts';
export { type Call, invoke } from './invoke.ts';
export { Runtime, type RuntimeConf, type RuntimeOptions } from './runtime.ts';
