// npm run lab: the lab kept open, with a shell in it.
// Commands may come from stdin as well: echo 'ip -n pod route' | npm run --silent lab
import { spawnSync } from 'node:child_process';
import { enter, progress, root } from './enter.ts';
import { createLab } from './lab.ts';
import { underlay, veth } from './networks.ts';
import { createPod } from './pod.ts';
import { serve } from './probe.ts';

await enter(import.meta.filename, async () => {
  progress('laying the lab');
  const lab = await createLab();
  const pod = await createPod(lab.node, 'pod', { eth0: underlay(lab.node, lab.lan.ranges, [veth]) });
  using _servers = await serve([lab.gateway, lab.client, lab.node, lab.overlay, pod]);

  const namespaces = [lab.client, lab.gateway, lab.node, lab.overlay, pod].map(({ name }) => name);
  const get = 'node tools/lab/get.ts';
  console.error(`
The namespaces are ${namespaces.join(', ')}. Each has a server on port 80 that tells who answers and whom it sees.
Try, for example:

  ip netns exec pod ${get} ${Object.values(lab.clusterIP).join(' ')}      # pod → ClusterIP
  ip netns exec client ${get} ${Object.values(pod.addresses).join(' ')}   # LAN client → pod
  ip -n pod route                      # what veth added: all that goes "via 169.254.1.1"
  ip -n node route get ${pod.addresses.IPv4}      # how the node reaches the pod
  ip -n pod link delete veth0          # without it the first command fails

Leave with "exit", and all of this is gone.
`);
  // No start-up files and no history: it is nobody's own shell.
  const env = { ...process.env, PS1: 'lab# ', HISTFILE: '' };
  return spawnSync('bash', ['--norc'], { cwd: root, stdio: 'inherit', env }).status ?? 1;
});
