// npm run lab: the lab kept open, with a shell in it. Takes commands on stdin as well: echo 'ip -n pod route' | npm run --silent lab
import { spawnSync } from 'node:child_process';
import { enter, progress, root } from './enter.ts';
import { createLab } from './lab.ts';
import { underlay, veth } from './networks.ts';
import { createPod } from './pod.ts';
import { serve } from './probe.ts';

await enter(import.meta.filename, async () => {
  progress('laying the lab');
  const lab = await createLab();
  const pod = await createPod(lab.node, 'pod', underlay(lab.node, lab.lan.ranges, [veth]));
  using _servers = await serve([lab.gateway, lab.client, lab.node, lab.overlay, pod]);

  const get = 'node tools/lab/get.ts';
  console.error(`
The namespaces ${[lab.client, lab.gateway, lab.node, lab.overlay, pod].map(({ name }) => name).join(', ')} are open. Each has a server on port 80
that tells who answers, and which address it sees. Try:

  ip netns exec pod ${get} ${Object.values(lab.clusterIP).join(' ')}   # pod → ClusterIP
  ip netns exec client ${get} ${Object.values(pod.addresses).join(' ')}   # LAN client → pod
  ip -n pod route                # what veth added, "via 169.254.1.1"
  ip -n node route get ${pod.addresses.IPv4}   # how the node reaches the pod
  ip -n pod link delete veth0    # take it away, then try the first line again

Leave with "exit": all of it vanishes.
`);
  // No start-up files and no history: it is nobody's own shell.
  const env = { ...process.env, PS1: 'lab# ', HISTFILE: '' };
  return spawnSync('bash', ['--norc'], { cwd: root, stdio: 'inherit', env }).status ?? 1;
});
