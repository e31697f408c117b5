// Finds routes of ours that exist but that the kernel does not use, because another route or rule takes precedence.
import { Prefix } from '@spider/ip';
import { hostPrefix, type Link, link, mainTable, type Rtnetlink, route } from '@spider/rtnetlink';
import type { Site, Sites } from '../../sites.ts';
import type { Finding } from '../finding.ts';
import { refusalIn, refusalText } from '../refusal.ts';
import { customRuleFor, type Flow } from '../rule.ts';
import type { NicInspection } from './inspection.ts';

/** `routed` are the addresses to which the node has routes through the pair. */
export function unusedNodeRoutes({ rtnetlink }: Site, host: Link, routed: readonly string[]): Finding[] {
  return routed.flatMap(dst => {
    const other = otherPath(rtnetlink, { src: undefined, dst }, host);
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

/** Tries one address of each destination. Another agent may have diverted it on purpose, so it is only worth knowing. */
export function unusedPodRoutes({ pod }: Sites, end: Link, nics: readonly NicInspection[]): Finding[] {
  const paths = nics.flatMap(({ paths }) => paths);
  return paths.flatMap(({ source, gateway, table, destinations }) =>
    destinations.flatMap(destination => {
      const dst = destination.includes('/') ? String(Prefix.parse(destination).network) : destination;
      const other = otherPath(pod.rtnetlink, { src: source, dst }, end);
      const where = table === mainTable ? '' : ` table ${table}`;
      const object = `route ${destination} via ${gateway} dev ${end.name}${where} in the pod`;
      return other === undefined
        ? []
        : [{ object, problem: `is not used by what goes to ${dst}: ${other}`, broken: false }];
    }),
  );
}

/** Where the packet goes instead; undefined if it leaves by the link. */
function otherPath(socket: Rtnetlink, { src, dst }: Flow, { index }: Link): string | undefined {
  const query = { dst, ...(src && { src: hostPrefix(src) }) };
  const [path, match] = socket.settle([route.get(query), route.get({ ...query, fibMatch: true })]);
  const { oif, type } = path.value ?? {};
  // A connected LAN is rightly preferred to a larger prefix around it.
  if (oif === index || type === 'local' || match.value?.protocol === 'kernel') return undefined;
  const refusal = refusalIn(path);
  if (oif === undefined || refusal) {
    const culprit = refusal && refusalText(socket, { src, dst }, refusal);
    return `it is refused${culprit ? ` by ${culprit}` : ''}`;
  }
  const rule = customRuleFor(socket, { src, dst });
  const by = rule ? `, by rule ${rule}` : match.value?.dst ? `, by route ${match.value.dst}` : '';
  return `it leaves by ${socket.execute(link.get({ index: oif }))?.name ?? oif}${by}`;
}
