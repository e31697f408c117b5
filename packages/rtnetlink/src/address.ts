// Addresses of interfaces: struct ifaddrmsg and IFA_* of <linux/if_addr.h>, ip-address(8).
import { asked, attribute, type Field, header, prefix, widened } from './codec/field.ts';
import { InvalidField } from './codec/invalid-field.ts';
import { message } from './codec/message.ts';
import { type Input, type Output, schema } from './codec/schema.ts';
import { ip, named, s32, string, struct, u8, u32 } from './codec/type.ts';
import { family, scope } from './names.ts';
import { verbs } from './request.ts';

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const lengthOffset = 1;

/** IPv6 sends its own address as IFA_ADDRESS; IPv4, and links with a peer, as IFA_LOCAL. Both take IFA_LOCAL. */
function own(): Field<string, false> {
  const local = prefix(IFA_LOCAL, lengthOffset, 'absent');
  const address = prefix(IFA_ADDRESS, lengthOffset, 'absent');
  return {
    ...local,
    needs: undefined,
    read: extent => (extent.find(IFA_LOCAL) < 0 ? address : local).read(extent),
  };
}

/** IFA_ADDRESS beside an IFA_LOCAL that differs. */
function peer(): Field<string, false> {
  const local = prefix(IFA_LOCAL, lengthOffset, 'absent');
  const localAddress = attribute(IFA_LOCAL, ip);
  const address = attribute(IFA_ADDRESS, ip);
  return {
    ...address,
    needs: IFA_LOCAL,
    read(extent) {
      const other = address.read(extent);
      return local.read(extent) === undefined || other === localAddress.read(extent) ? undefined : other;
    },
  };
}

/** Flags of an address, IFA_F_* of <linux/if_addr.h>. */
export const addressFlags = {
  /** IPv6: a privacy address (RFC 8981). IPv4: a secondary one. */
  temporary: 0x01,
  /** Usable at once: no duplicate address detection. */
  nodad: 0x02,
  optimistic: 0x04,
  /** Duplicate address detection found the address in use. */
  dadfailed: 0x08,
  homeaddress: 0x10,
  /** Past its preferred lifetime; not for new connections. */
  deprecated: 0x20,
  /** Duplicate address detection is still under way. */
  tentative: 0x40,
  permanent: 0x80,
  managetempaddr: 0x100,
  /** Adds no route for the prefix. */
  noprefixroute: 0x200,
  mcautojoin: 0x400,
  stablePrivacy: 0x800,
} as const;

/** Bytes of struct ifaddrmsg. */
const headerSize = 8;

/** What most programs need not know of an address. */
const restOfAddress = schema(headerSize, () => ({
  /** The other end's address on a point-to-point link. */
  peer: peer(),
  label: attribute(3, string(16)),
  broadcast: attribute(4, ip),
  /** Seconds; 4294967295 is for ever. `created` and `updated` are in hundredths of a second since boot. */
  lifetime: attribute(6, struct({ preferred: u32, valid: u32, created: u32, updated: u32 })),
  /** Metric of the prefix's route. */
  metric: attribute(9, u32),
  /** Asks for the addresses in the namespace of this number (`nsid`). */
  targetNetnsid: asked(10, s32),
  /** Who added it, IFAPROT_*. */
  protocol: attribute(11, named(u8, { lo: 1, ra: 2, linkLocal: 3 })),
}));

/** struct ifaddrmsg and its attributes. */
export const addressMessage = message({
  kind: 'address',
  types: { add: 20, delete: 21, get: 22 },
  headerSize,
  familyFrom: ['address', 'peer'],
  fields: () => ({
    family: header(0, family),
    /** The interface's own address and the length of its prefix: `192.0.2.1/24`. */
    address: own(),
    scope: header(3, scope),
    /** The interface. */
    index: header(4, u32),
    /** A sum of `addressFlags`. */
    flags: widened(8, 2),
  }),
  rest: restOfAddress,
});

/** An address of an interface, as the kernel tells it. */
export type Address = Output<typeof addressMessage.fields>;

/** An address to be asked of the kernel. */
export type AddressInput = Input<typeof addressMessage.fields>;

// The kernel filters by these alone and refuses other questions.
const plain = verbs(addressMessage, ({ family, index, targetNetnsid }) => ({ family, index, targetNetnsid }));

/** The kernel deletes the first address that has all that is given: where it is not told which, the interface's first. */
function withAddress(input: AddressInput): AddressInput {
  if ((input.address ?? input.peer ?? input.label) !== undefined) return input;
  throw new InvalidField(
    'address',
    'this, `peer` or `label` must tell which address; the kernel takes the first',
    'address.delete',
  );
}

/**
 * Requests about addresses of interfaces (ip-address(8)). `delete` throws InvalidField where neither address, peer nor label
 * are given.
 */
export const address: Pick<typeof plain, 'add' | 'replace' | 'delete' | 'list'> = {
  add: plain.add,
  replace: plain.replace,
  delete: input => plain.delete(withAddress(input)),
  list: plain.list,
};
