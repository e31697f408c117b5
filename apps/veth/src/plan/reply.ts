// How replies to what came in through the pair leave through it, though their destination lies elsewhere: a NodePort with
// externalTrafficPolicy: Local and a hostPort leave the client's address in the packet, and only the node can turn the
// reply back into what the client expects.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { gateways, podEnd, protocol, replyRulePriority, replyTable } from '../datapath.ts';
import type { Facts } from '../facts.ts';
import { anywhere, type Family } from '../family.ts';
import type { DesiredObject, Sysctl } from '../object/object.ts';
import { hexadecimal } from '../object/text.ts';

const place = 'pod';
const dev = podEnd;

/** Whose the pair is: what all that it serves have in common is the only one's own. */
export type Share = 'own' | 'shared';

/**
 * The connection is marked, its replies take the mark, and what is marked goes by a table that leads to the pair.
 * @throws CNIError where another NIC has another mark: the pod has one pair, and one mark for what comes in by it.
 */
export function replyObjects(
  mark: number | undefined,
  { replyMark }: Facts,
  families: readonly Family[],
  share: Share,
): DesiredObject[] {
  if (mark === undefined) return replyMark === undefined || share === 'shared' ? [] : withdrawn(replyMark);
  if (replyMark !== undefined && replyMark !== mark && share === 'shared')
    throw new CNIError(
      ErrorCode.InvalidNetworkConfig,
      `reply_path.mark: ${hexadecimal(mark)} is not ${hexadecimal(replyMark)}, which an interface of the pod has already`,
    );
  return [
    // Reverse path filtering looks for the source with the mark, and so finds it behind the pair.
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

/** An earlier ADD had it. Its routes and rules go with what else is not wanted any more. */
function withdrawn(mark: number): DesiredObject[] {
  return [
    { ...srcValidMark('0'), shared: true },
    { kind: 'ruleset', place, dev, mark, absent: true },
  ];
}

function srcValidMark(value: string): Sysctl {
  return { kind: 'sysctl', place, key: `net/ipv4/conf/${dev}/src_valid_mark`, value };
}
