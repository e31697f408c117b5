import { writeFileSync } from 'node:fs';
import { defineCommand } from '../command.ts';
import { configurationOptions, readConfigurations } from '../configurations.ts';
import { inFile } from '../in-file.ts';
import { print, printJson } from '../print.ts';

export const inspect = defineCommand({
  about: 'shows all that is ours on this node, and whether it is healthy',
  details: `What stands is compared with what an ADD would make now: with the configuration in FILE, or with the one that the
runtime keeps since its ADD. Where there is none it is recovered from what stands, but for what only a configuration can
tell. A line that begins with "!" is wrong, one with "?" is worth knowing; below it stands what puts it right. The exit
status is 1 where something is wrong.`,
  needsRoot: true,
  options: {
    netns: { value: 'PATH', about: 'only the pod with this network namespace' },
    pod: { value: 'ID', about: 'only the pod with this container ID, or the beginning of it, or with this name' },
    ...configurationOptions,
    json: { about: 'print JSON' },
    svg: { value: 'FILE', about: 'draw the paths into this file' },
    mermaid: { about: 'print the paths as a Mermaid flowchart' },
  },
  async main({ netns, pod, conf, cache, json, svg, mermaid }) {
    if (json && mermaid) throw new Error('--json and --mermaid print different things; give one of them');
    const { inspect } = await import('./inspect.ts');
    const found = await inspect({ netns, pod }, await readConfigurations({ conf, cache }));
    const { inspectionText, isHealthy } = await import('./text.ts');
    if (svg !== undefined) {
      const { inspectionPicture } = await import('./picture.ts');
      inFile('--svg', svg, () => writeFileSync(svg, inspectionPicture(found)));
    }
    const text = async () =>
      mermaid ? (await import('./mermaid.ts')).inspectionMermaid(found) : inspectionText(found);
    if (json) await printJson(found);
    else await print(await text());
    return isHealthy(found) ? 0 : 1;
  },
});
