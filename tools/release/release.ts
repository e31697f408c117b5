// npm run release: creates versions, changelogs, packages, executables and tags. With --dry-run it shows all of them, and
// changes nothing.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { obstaclesToPublish, obstaclesToTry } from './obstacles.ts';
import { type Released, Stage, type Tarball } from './stage.ts';

const root = join(import.meta.dirname, '../..');
const dryRun = readOptions();

const missing = obstaclesToPublish(root, process.env);
const obstacles = [...obstaclesToTry(root), ...(dryRun ? [] : missing)];
if (obstacles.length > 0) refuse(...obstacles);

try {
  using stage = Stage.create(root);
  const released = stage.version();
  stage.build();
  const tarballs = stage.pack(released);
  show(stage, released, tarballs);
  if (dryRun) for (const obstacle of missing) console.log(`\nwithout --dry-run this would be refused: ${obstacle}`);
  else release(stage, tarballs);
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function readOptions(): boolean {
  // npm would pass the option on to every npm of the release, but not to the release itself.
  if (process.env['npm_config_dry_run']) refuse('npm took --dry-run for itself: npm run release -- --dry-run');
  try {
    return parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } }).values['dry-run'];
  } catch (error) {
    const [what] = (error as Error).message.split('. ');
    return refuse(`${what}: there is no option but --dry-run`);
  }
}

function refuse(...reasons: readonly string[]): never {
  for (const reason of reasons) console.error(`release: ${reason}`);
  process.exit(2);
}

function show(stage: Stage, released: readonly Released[], tarballs: readonly Tarball[]): void {
  const title = (text: string) => console.log(`\n${text}\n`);
  title('Versions');
  for (const { name, from, version } of released) console.log(`  ${name} ${from} → ${version}`);
  title('Changelogs');
  for (const { name, directory } of released) console.log(`# ${name}\n\n${stage.changelogOf(directory)}\n`);
  title('Commit: Release');
  console.log(stage.run('git', 'show', '--format=', '--stat=100'));
  title('Packages');
  for (const { id, size, files } of tarballs) {
    console.log(`${id}: ${size} bytes packed`);
    for (const { path, size } of files) console.log(`  ${path} ${size}`);
  }
  title('Executables, their bills of materials and sums');
  for (const file of globSync('*', { cwd: join(stage.directory, 'dist') }).sort())
    console.log(`  dist/${file} ${statSync(join(stage.directory, 'dist', file)).size}`);
  console.log(readFileSync(join(stage.directory, 'dist/SHA256SUMS'), 'utf8'));
  title('Tags');
  for (const { name, version } of released) console.log(`  ${name}@${version}`);
  title('Commands');
  for (const tarball of tarballs) console.log(`  npm ${publish(tarball).join(' ')}`);
}

function publish({ filename }: Tarball): string[] {
  return ['publish', filename, '--provenance', '--access=public'];
}

/** Publishing, which cannot be undone, comes last, followed only by the commit that records it. */
function release(stage: Stage, tarballs: readonly Tarball[]): void {
  for (const tarball of tarballs)
    if (isPublished(tarball)) console.log(`${tarball.id} is published already`);
    else run('npm', publish(tarball), stage.directory);
  cpSync(join(stage.directory, 'dist'), join(root, 'dist'), { recursive: true });
  run('git', ['fetch', '--quiet', '--tags', stage.directory, 'HEAD'], root);
  run('git', ['merge', '--quiet', '--ff-only', 'FETCH_HEAD'], root);
  console.log(`\nReleased. What is left: git push --follow-tags, and dist/ for those who download.`);
}

/** Whether an earlier release, which failed afterwards, has published the package. */
function isPublished({ id }: Tarball): boolean {
  return spawnSync('npm', ['view', id, 'version'], { cwd: root, encoding: 'utf8' }).stdout.trim() !== '';
}

function run(program: string, args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(program, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...credentials() },
  });
  if (error || status !== 0)
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `exited with ${status}`}`);
}

/** npm looks the token up by the address of the registry. */
function credentials(): NodeJS.ProcessEnv {
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], { cwd: root, encoding: 'utf8' });
  const address = stdout.trim().replace(/^https?:/, '');
  return { [`npm_config_${address}:_authToken`]: process.env['NODE_AUTH_TOKEN'] };
}
