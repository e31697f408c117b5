// Runs the commands in the documents, and compares their output.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { runInSandbox } from '../sandbox.ts';
import { labShell } from './lab-shell.ts';
import { type Block, blocksOf, manual, root } from './markdown.ts';
import { stepsOf } from './transcript.ts';

const shell = manual.flatMap(document => blocksOf(document, 'sh'));
const npmScript = /\bnpm (?:run (?:--silent )?)?([a-z:]+)(?: -w (\S+))?(?: --(?= ))?/g;

function scriptsOf(project: string): Record<string, string> {
  return JSON.parse(readFileSync(join(root, project, 'package.json'), 'utf8')).scripts;
}

/**
 * The block with npm scripts replaced by their commands: a machine that runs the tests is already prepared, and npm is
 * slow.
 */
function withoutNpm({ at, content }: Block): string {
  return content.replaceAll(npmScript, (_, name: string, project = '.') => {
    const script = scriptsOf(project)[name];
    if (!script) throw new Error(`${at}: there is no npm script ${name} in ${project}`);
    const command = script.replace('node tools/ready.mjs ', '').replace(/^node /, `'${process.execPath}' `);
    // Its arguments follow.
    return `env -C '${join(root, project)}' ${command}`;
  });
}

function runBlock(block: Block): string {
  const { status, stdout, stderr } = runInSandbox('sh', ['-ec', withoutNpm(block)], { cwd: root, stdio: 'pipe' });
  expect(status, `${stderr}`).toBe(0);
  return stripVTControlCharacters(`${stdout}`);
}

describe('a block "sh"', () => {
  // The output of a block is in the block "text" after it, if there is one.
  const blocks = manual.flatMap(document => {
    const all = blocksOf(document, 'sh', 'text');
    return all.flatMap((block, i) => (block.info === 'sh' ? [{ ...block, next: all[i + 1] }] : []));
  });

  test.each(blocks)('prints what is shown: $at', ({ next, ...block }) => {
    const printed = runBlock(block);
    if (next?.info === 'text') expect(printed).toBe(next.content);
  });
});

describe('a block "sh workspace"', () => {
  const lines = shell
    .filter(({ info }) => info === 'sh workspace')
    .flatMap(({ at, content }) =>
      content
        .trim()
        .split('\n')
        .map(line => ({ at, line })),
    );

  test.each(lines)('names a script that exists: $line', ({ line }) => {
    const [[, name = '', project = '.'] = []] = line.matchAll(npmScript);
    expect(Object.keys(scriptsOf(project))).toContain(name);
  });
});

describe('a block "sh cluster"', () => {
  const blocks = shell.filter(({ info }) => info === 'sh cluster');

  test.each(blocks)('has commands of a shell, and names files and scripts that exist: $at', block => {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: withoutNpm(block), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const files = block.content.match(/\b(?:deploy|docs|tools)\/[\w./-]+/g) ?? [];
    expect(files.filter(file => !existsSync(join(root, file)))).toEqual([]);
  });
});

const transcripts = manual.flatMap(document => {
  const all = stepsOf(document);
  const kinds = [...new Set(all.map(({ pod }) => pod))];
  return kinds.map(pod => ({ path: document.path, pod, steps: all.filter(step => step.pod === pod) }));
});

test.each(transcripts)('the lab prints what the transcripts in $path show of the pod "$pod"', ({ pod, steps }) => {
  const printed = labShell(
    steps.map(({ line }) => line),
    pod,
  );
  const shown = steps.map(({ line, output }) => ({ line, output: settled(output) }));
  expect(steps.map(({ line }, i) => ({ line, output: settled(printed[i] ?? '') }))).toEqual(shown);
});

/**
 * Normalizes output: ip(8) ends lines with blanks, JSON ends without a newline, the bridge plugin gives its ends random
 * names, and a release has another version.
 */
function settled(text: string): string {
  return text
    .replaceAll(/ +$/gm, '')
    .replaceAll(/\bveth[0-9a-f]{8}\b/g, 'veth…')
    .replaceAll(/(?<=^CNI plugin veth )v\S+$/gm, 'v…')
    .trimEnd();
}
