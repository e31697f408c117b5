export { NetNsError, type NetNsErrorReason } from './error.ts';
export { NetNs } from './netns.ts';
export type { Sysctl } from './sysctl.ts';
