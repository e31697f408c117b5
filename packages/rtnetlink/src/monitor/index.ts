export type { Change, MonitorEvent, Overrun, Synced } from './event.ts';
export type { Kind, ObjectOf } from './kinds.ts';
export { type Monitor, type MonitorOptions, monitor } from './monitor.ts';
