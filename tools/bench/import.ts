// node tools/bench/import.ts, in a package: measures what importing each of its modules adds to a program.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareStarts } from './start.ts';

const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly name: string;
  readonly exports: object;
};
const modules = Object.keys(exports).flatMap(path => (path.endsWith('.json') ? [] : [join(name, path)]));
const programOf = (module: string) => ({ source: `import * as all from '${module}'; globalThis.keep = all;` });

compareStarts(Object.fromEntries(modules.map(module => [module, programOf(module)])));
