// npm run draw -w tools: draws the pictures in docs/, and updates the generated parts of documents.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generated, regenerate } from './generated.ts';
import { documents, root } from './markdown.ts';
import { pictures } from './pictures.ts';

for (const [file, draw] of Object.entries(pictures)) writeFileSync(join(root, file), draw());
for (const { path, text } of documents(...Object.keys(generated)))
  writeFileSync(join(root, path), regenerate(path, text));
