// npm run draw -w tools: draws the pictures in docs/ again.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { datapath } from './datapath.ts';

writeFileSync(join(import.meta.dirname, '../../docs/datapath.svg'), datapath());
