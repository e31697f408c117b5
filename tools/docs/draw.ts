// npm run draw -w tools: draws the pictures in docs/ again.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './markdown.ts';
import { pictures } from './pictures.ts';

for (const [file, draw] of Object.entries(pictures)) writeFileSync(join(root, file), draw());
