export type { CNIVersion } from '../version.ts';
export { convertResult } from './convert.ts';
export { parseResult } from './parse.ts';
export type {
  DNS,
  Interface,
  IPConfig,
  IPConfig020,
  Result,
  Result020,
  Result040,
  Result100,
  Route,
  WireResult,
} from './result.ts';
