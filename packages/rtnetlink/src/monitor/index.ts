export type { Kind, ObjectOf } from './kinds.ts';
export {
  type Change,
  type Monitor,
  type MonitorEvent,
  type MonitorOptions,
  monitor,
  type Overrun,
  type Synced,
} from './monitor.ts';
