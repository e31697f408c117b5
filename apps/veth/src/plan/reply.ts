// Replies to what came in through the pair leave through the pair, wherever their destination is. A NodePort with
// externalTrafficPolicy: Local and a hostPort keep the client's address as source, and only the node can translate the
// reply back.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { anywhere, type IPFamily } from '@spider/rtnetlink';
import { gateways, podEnd, protocol, replyRulePriority, replyTable } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import type { DesiredObject, Sysctl } from '../object/object.ts';
import { hexadecimal } from '../object/text.ts';

const place = 'pod';
const dev = podEnd;

/** Whether the NIC is the only one of the pair: then it owns what NICs otherwise share. */
export type Share = 'own' | 'shared';

/**
 * Marks the connections, copies the mark to their replies, and routes marked packets by a table that leads to the pair.
 * @throws CNIError if another NIC of the pod uses another mark, as there can be only one for the pair
 */
export function replyObjects(
  mark: number | undefined,
  { replyMark }: Facts,
  families: readonly IPFamily[],
  share: Share,
): DesiredObject[] {
  if (mark === undefined) return replyMark === undefined || share === 'shared' ? [] : disabled(replyMark);
  if (replyMark !== undefined && replyMark !== mark && share === 'shared')
    throw new CNIError(
      ErrorCode.InvalidNetworkConfig,
      `reply_path.mark: ${hexadecimal(mark)} is not ${hexadecimal(replyMark)}, which an interface of the pod has already`,
    );
  return [
    // Reverse path filtering then looks up the source with the mark, and finds it behind the pair.
    ...(families.includes('inet') ? [srcValidMark('1')] : []),
    ...families.flatMap((family): DesiredObject[] => [
      {
        kind: 'route',
        place,
        dev,
        wanted: {
          dst: anywhere[family],
          gateway: gateways[family],
          onlink: family === 'inet',
          table: replyTable,
          protocol,
        },
      },
      {
        kind: 'rule',
        place,
        dev,
        wanted: { priority: replyRulePriority, family, mark, mask: mark, table: replyTable, protocol },
      },
    ]),
    { kind: 'ruleset', place, dev, mark },
  ];
}

/** Undoes the reply path of an earlier ADD. Its routes and rules are removed as obsolete objects. */
function disabled(mark: number): DesiredObject[] {
  return [
    { ...srcValidMark('0'), shared: true },
    { kind: 'ruleset', place, dev, mark, absent: true },
  ];
}

function srcValidMark(value: string): Sysctl {
  return { kind: 'sysctl', place, key: `net/ipv4/conf/${dev}/src_valid_mark`, value };
}
