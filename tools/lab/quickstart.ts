// npm run quickstart: a macvlan pod that cannot reach its cluster, and one that can because of veth, in one table.
import { enter, progress } from './enter.ts';
import { rowsOf } from './flows.ts';
import { createLab } from './lab.ts';
import { underlay, veth } from './networks.ts';
import { createPod } from './pod.ts';
import { probe, serve } from './probe.ts';
import { surprises, table } from './table.ts';

await enter(import.meta.filename, async () => {
  progress('creating the lab: a LAN, a node with an overlay network and a service, and two macvlan pods');
  const lab = await createLab();
  const lone = await createPod(lab.node, 'lone', { eth0: underlay(lab.node, lab.lan.ranges) });
  const pod = await createPod(lab.node, 'pod', { eth0: underlay(lab.node, lab.lan.ranges, [veth]) });
  const columns = [
    { title: 'without veth', rows: rowsOf(lab, lone, false) },
    { title: 'with veth', rows: rowsOf(lab, pod, true) },
  ];

  progress('testing every flow over TCP');
  using _servers = await serve([lab.gateway, lab.client, lab.node, lab.overlay, lone, pod]);
  const flows = columns.flatMap(({ rows }) => rows).flatMap(row => Object.values(row.flows));
  const verdicts = await probe(flows);

  console.log(table(columns, verdicts));
  const wrong = surprises(columns, verdicts);
  for (const sentence of wrong) console.error(sentence);
  if (wrong.length === 0) progress('all results are as expected. To open a shell in such a lab: npm run lab');
  return wrong.length === 0 ? 0 : 1;
});
