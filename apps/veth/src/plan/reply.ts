// How replies to what came in through the pair leave through it, though their destination lies elsewhere: a NodePort with
// externalTrafficPolicy: Local and a hostPort leave the client's address in the packet, and only the node can turn the
// reply back into what the client expects.
import { CNIError, ErrorCode } from '@spider/cni-skel';
import { anywhere, type Facts, type Family } from '../facts.ts';
import { gateways, podEnd, protocol, replyRulePriority, replyTable } from '../identity.ts';
import { type DesiredObject, hexadecimal } from '../object.ts';

const place = 'pod';
const dev = podEnd;

/**
 * The connection is marked, its replies take the mark, and what is marked goes by a table that leads to the pair.
 * @throws CNIError where another NIC has another mark: the pod has one pair, and one mark for what comes in by it.
 */
export function replyObjects(mark: number, { replyMark }: Facts, families: readonly Family[]): DesiredObject[] {
  if (replyMark !== undefined && replyMark !== mark)
    throw new CNIError(
      ErrorCode.InvalidNetworkConfig,
      `reply_path.mark: ${hexadecimal(mark)} is not ${hexadecimal(replyMark)}, which an interface of the pod has already`,
    );
  return [
    // Reverse path filtering looks for the source with the mark, and so finds it behind the pair.
    ...(families.includes('inet') ? [srcValidMark] : []),
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

const srcValidMark: DesiredObject = { kind: 'sysctl', place, key: `net/ipv4/conf/${dev}/src_valid_mark`, value: '1' };
