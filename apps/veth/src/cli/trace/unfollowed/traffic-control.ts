// Filters of tc(8) on an interface: struct tcmsg and TCA_* of <linux/rtnetlink.h>.
import { NetlinkError, type Rtnetlink, verbs } from '@spider/rtnetlink';
import { attribute, header, message, s32, string, u8, u32 } from '@spider/rtnetlink/codec';

const kindSize = 16;

const filter = verbs(
  message({
    kind: 'filter',
    types: { add: 44, delete: 45, get: 46 },
    headerSize: 20,
    fields: () => ({
      family: header(0, u8),
      index: header(4, s32),
      parent: header(12, u32),
      kind: attribute(1, string(kindSize)),
    }),
  }),
);

/** The parents of filters by direction: TC_H_CLSACT with TC_H_MIN_*. */
const parents = { ingress: 0xffff_fff2, egress: 0xffff_fff3 } as const;
export type Direction = keyof typeof parents;

/** The kinds of the filters on what an interface receives or sends: `bpf`, `flower`. */
export function filtersOn(socket: Rtnetlink, index: number, direction: Direction): string[] {
  const [{ value: found = [], error }] = socket.settle([filter.list({ index, parent: parents[direction] })]);
  // A kernel without traffic control does not know the request.
  if (error && !(error instanceof NetlinkError && error.code === 'EOPNOTSUPP')) throw error;
  return [...new Set(found.flatMap(({ kind }) => kind ?? []))];
}
