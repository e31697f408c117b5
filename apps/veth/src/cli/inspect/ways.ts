// Routes of ours that are there, and that the kernel does not go by: something else comes before them.
import { Prefix } from '@spider/ip';
import { type Link, link, mainTable, type Rtnetlink, route } from '@spider/rtnetlink';
import { hostPrefix } from '../../prefix.ts';
import type { Site, Sites } from '../../sites.ts';
import type { Finding } from '../finding.ts';
import { refusalIn, refusingText } from '../refusing.ts';
import { type Selected, unusualRuleFor } from '../rule.ts';
import type { NicInspection } from './inspection.ts';

/** `routed` are the addresses that the node has routes to by the pair. */
export function nodeWays({ rtnetlink }: Site, host: Link, routed: readonly string[]): Finding[] {
  return routed.flatMap(dst => {
    const other = otherWay(rtnetlink, { src: undefined, dst }, host);
    return other === undefined
      ? []
      : [
          {
            object: `route ${hostPrefix(dst)} dev ${host.name} on the node`,
            problem: `is not used: ${other}`,
            broken: true,
          },
        ];
  });
}

/** One address is tried of each destination. Another agent may have its reasons, so this is no more than worth knowing. */
export function podWays({ pod }: Sites, end: Link, nics: readonly NicInspection[]): Finding[] {
  const paths = nics.flatMap(({ paths }) => paths);
  return paths.flatMap(({ source, gateway, table, destinations }) =>
    destinations.flatMap(destination => {
      const dst = destination.includes('/') ? String(Prefix.parse(destination).network) : destination;
      const other = otherWay(pod.rtnetlink, { src: source, dst }, end);
      const where = table === mainTable ? '' : ` table ${table}`;
      const object = `route ${destination} via ${gateway} dev ${end.name}${where} in the pod`;
      return other === undefined
        ? []
        : [{ object, problem: `is not used by what goes to ${dst}: ${other}`, broken: false }];
    }),
  );
}

/** Where the packet goes instead; undefined where it goes by the link. */
function otherWay(socket: Rtnetlink, { src, dst }: Selected, { index }: Link): string | undefined {
  const query = { dst, ...(src && { src: hostPrefix(src) }) };
  const [path, match] = socket.settle([route.get(query), route.get({ ...query, fibMatch: true })]);
  const { oif, type } = path.value ?? {};
  // What is in a LAN of the place's own is nearer than any network around it.
  if (oif === index || type === 'local' || match.value?.protocol === 'kernel') return undefined;
  const refusal = refusalIn(path);
  if (oif === undefined || refusal) {
    const culprit = refusal && refusingText(socket, { src, dst }, refusal);
    return `it is refused${culprit ? ` by ${culprit}` : ''}`;
  }
  const rule = unusualRuleFor(socket, { src, dst });
  const by = rule ? `, by rule ${rule}` : match.value?.dst ? `, by route ${match.value.dst}` : '';
  return `it leaves by ${socket.execute(link.get({ index: oif }))?.name ?? oif}${by}`;
}
