export { type NetworkConf, type NetworkConfList, parseConfList } from './conflist.ts';
export { type ConformanceCase, conformance } from './conformance/conformance.ts';
export type { Fixture, Namespace } from './conformance/fixture.ts';
export type { Subject } from './conformance/subject.ts';
export { type Call, invoke } from './invoke.ts';
export { Runtime, type RuntimeConf, type RuntimeOptions } from './runtime.ts';
