// Measures what the package adds to a program: importing it, VERSION, and an ADD whose handler does nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareStarts } from '../../../tools/bench/start.ts';
import { median } from '../../../tools/bench/statistics.ts';

const source = `
  import { definePlugin } from '@spider/cni-skel';
  definePlugin({ name: 'idle', version: '1', kind: 'chained', add: ({ prevResult }) => prevResult, del() {} }).main();`;

const env = {
  CNI_CONTAINERID: 'container',
  CNI_NETNS: '/run/netns/none',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web',
  CNI_PATH: '/opt/cni/bin',
};
const stdin = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'network',
  type: 'idle',
  prevResult: {
    interfaces: [{ name: 'eth0', mac: '02:00:00:00:00:01', sandbox: '/run/netns/none' }],
    ips: [
      { interface: 0, address: '10.0.0.2/24', gateway: '10.0.0.1' },
      { interface: 0, address: 'fd00::2/64' },
    ],
    routes: [{ dst: '0.0.0.0/0' }],
  },
});

compareStarts({
  import: { source: `import * as cni from '@spider/cni-skel'; globalThis.keep = cni;` },
  VERSION: { source, stdin, env: { ...env, CNI_COMMAND: 'VERSION' } },
  ADD: { source, stdin, env: { ...env, CNI_COMMAND: 'ADD' } },
});

// Time to import it, measured inside Node, compared with an empty package, which Node has to find as well.
const directory = mkdtempSync('bench-');
try {
  const packages = { '@spider/cni-skel': [] as number[], 'empty-package': [] as number[] };
  const empty = join(directory, 'node_modules/empty-package');
  mkdirSync(empty, { recursive: true });
  writeFileSync(join(empty, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
  writeFileSync(join(empty, 'index.js'), 'export {};');
  for (let round = 0; round < 100; round++)
    for (const [name, times] of Object.entries(packages)) {
      const file = join(directory, 'clock.mjs');
      writeFileSync(
        file,
        `const start = performance.now(); await import('${name}'); console.log(String(performance.now() - start));`,
      );
      times.push(Number(execFileSync('node', [file], { encoding: 'utf8' })));
    }
  for (const [name, times] of Object.entries(packages))
    console.log(`node: import('${name}') takes ${median(times).toFixed(2)} ms`);
} finally {
  rmSync(directory, { recursive: true });
}
