// npm run lab [-- one|several|overlay]: opens a shell in the lab. The argument selects the NICs of the pod. Commands can
// also come from stdin: echo 'ip -n pod route' | npm run --silent lab
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { enter, progress, root } from './enter.ts';
import { createLab } from './lab.ts';
import { type PodKind, pods } from './pods.ts';
import { serve } from './probe.ts';

const [kind = 'one'] = process.argv.slice(2);
if (!Object.hasOwn(pods, kind)) {
  console.error(`npm run lab -- ${kind}: the pod must be one of ${Object.keys(pods).join(', ')}`);
  process.exit(1);
}

await enter(import.meta.filename, async () => {
  progress('creating the lab');
  const lab = await createLab();
  const pod = await pods[kind as PodKind](lab);
  using _servers = await serve([lab.gateway, lab.client, lab.node, lab.overlay, pod]);

  const namespaces = [lab.client, lab.gateway, lab.node, lab.overlay, pod].map(({ name }) => name);
  const get = 'node tools/lab/get.ts';
  console.error(`
The namespaces are ${namespaces.join(', ')}. Each has a server on port 80, which answers
with its own name and the client's address.
Try, for example:

  ip netns exec pod ${get} ${Object.values(lab.clusterIP).join(' ')}      # pod → ClusterIP
  ip netns exec client ${get} ${Object.values(pod.addresses).join(' ')}   # LAN client → pod
  ip -n pod route                      # routes that veth added: those "via 169.254.1.1"
  ip -n node route get ${pod.addresses.IPv4}      # the node's route to the pod
  ip netns exec node veth inspect      # the same, with a health check
  ip -n pod link delete veth0          # now the first command fails

Leave with "exit". That removes the lab.
`);
  // No start-up files and no history: this is not the user's own shell.
  const path = `${join(root, 'apps/veth/dist')}:${process.env['PATH']}`;
  const env = { ...process.env, PATH: path, PS1: 'lab# ', HISTFILE: '' };
  return spawnSync('bash', ['--norc'], { cwd: root, stdio: 'inherit', env }).status ?? 1;
});
