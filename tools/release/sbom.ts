// Makes the software bill of materials of an executable, in CycloneDX 1.6: the packages that the compiler read, and the
// runtime. It has neither a time nor a serial number, so that the same build results in the same text.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Locked, locked } from './registry.ts';

const root = join(import.meta.dirname, '../..');

interface Part {
  readonly name: string;
  readonly private?: boolean;
  readonly version: string;
  readonly license?: string;
  readonly description?: string;
}

interface Manifest extends Part {
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Executable {
  readonly file: string;
  readonly sha256: string;
  readonly runtime: Part;
  /** The modules of the executable, with paths relative to the workspace's root. */
  readonly inputs: readonly string[];
}

export function billOfMaterials({ file, sha256, runtime, inputs }: Executable): string {
  const directories = new Set(
    inputs.flatMap(input => /(?:apps|packages|node_modules)\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  directories.delete('apps/veth');
  const manifests = [...directories].map(directory => manifestOf(directory)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const veth = manifestOf('apps/veth');
  const refs = new Map([...manifests, veth, runtime].map(release => [release.name, purl(release)]));
  const dependencies = [veth, ...manifests].map(({ name, dependencies = {} }) => ({
    ref: refs.get(name),
    dependsOn: [...Object.keys(dependencies), ...(name === 'veth' ? [runtime.name] : [])].flatMap(
      dependency => refs.get(dependency) ?? [],
    ),
  }));
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        ...component('application', veth),
        name: basename(file),
        hashes: [{ alg: 'SHA-256', content: sha256 }],
      },
    },
    components: [...manifests.map(manifest => component('library', manifest)), component('platform', runtime)],
    dependencies: [...dependencies, { ref: purl(runtime) }],
    // Bun contains JavaScriptCore, BoringSSL and others, which its package does not list.
    compositions: [{ aggregate: 'incomplete', assemblies: [purl(runtime)] }],
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')) as Manifest;
}

function component(type: string, release: Part) {
  const { name, version, license, description } = release;
  const { integrity } = locked(name) as Partial<Locked>;
  return {
    type,
    'bom-ref': purl(release),
    name,
    version,
    ...(description && { description }),
    ...(integrity && { hashes: [{ alg: 'SHA-512', content: hex(integrity) }] }),
    ...(license && { licenses: [{ license: { id: license } }] }),
    purl: purl(release),
  };
}

/** A package URL: https://github.com/package-url/purl-spec */
function purl({ name, version, private: unpublished }: Part): string {
  return `pkg:${unpublished ? 'generic' : 'npm'}/${name.replace('@', '%40')}@${version}`;
}

function hex(integrity: string): string {
  return Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
}
