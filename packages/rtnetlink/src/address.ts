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

/**
 * The kernel reports an IPv4 address, and an IPv6 address that has a peer, in IFA_LOCAL, and any other IPv6 address in
 * IFA_ADDRESS. It accepts IFA_LOCAL for both families.
 */
function own(): Field<string, false> {
  const local = prefix(IFA_LOCAL, lengthOffset, 'absent');
  const address = prefix(IFA_ADDRESS, lengthOffset, 'absent');
  return {
    ...local,
    needs: undefined,
    read: extent => (extent.find(IFA_LOCAL) < 0 ? address : local).read(extent),
  };
}

/** IFA_ADDRESS, if the message also has an IFA_LOCAL with another value. */
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

/** Flags of an address: IFA_F_* of <linux/if_addr.h>, ip-address(8). */
export const addressFlags = {
  /** IPv6: a temporary (privacy) address, RFC 8981. IPv4: a secondary address. */
  temporary: 0x01,
  /** Usable at once, without duplicate address detection. IPv6. */
  nodad: 0x02,
  /** Usable while duplicate address detection is running (RFC 4429). */
  optimistic: 0x04,
  /** Duplicate address detection found that another node uses the address. */
  dadfailed: 0x08,
  /** The home address of Mobile IPv6 (RFC 6275). */
  homeaddress: 0x10,
  /** Past its preferred lifetime: not used as source of new connections (RFC 4862). */
  deprecated: 0x20,
  /** Duplicate address detection has not finished, so the address cannot be used yet. */
  tentative: 0x40,
  /** Does not expire. Set by the kernel. */
  permanent: 0x80,
  /** The kernel creates temporary addresses from the prefix of this address. IPv6. */
  managetempaddr: 0x100,
  /** The kernel adds no route to the prefix of the address. */
  noprefixroute: 0x200,
  /** The kernel joins the multicast group that is the address. */
  mcautojoin: 0x400,
  /** The interface identifier is stable and opaque (RFC 7217). Set by the kernel. */
  stablePrivacy: 0x800,
} as const;

/** Bytes of struct ifaddrmsg. */
const headerSize = 8;

/** Fields that few programs need. */
const restOfAddress = schema(headerSize, () => ({
  /** Address of the other end of a point-to-point link. */
  peer: peer(),
  /** Label of the address, up to 15 bytes: the interface's name, or that name with `:` and a suffix. IPv4. */
  label: attribute(3, string(16)),
  /** Broadcast address. IPv4. */
  broadcast: attribute(4, ip),
  /**
   * `preferred` and `valid` are in seconds, 4294967295 means forever. `created` and `updated` are in hundredths of a
   * second since boot.
   */
  lifetime: attribute(6, struct({ preferred: u32, valid: u32, created: u32, updated: u32 })),
  /** Metric of the route to the prefix; 0, the default, leaves it to the kernel. */
  metric: attribute(9, u32),
  /** Lists the addresses of the namespace with this number (`nsid`) instead of those of the socket's namespace. */
  targetNetnsid: asked(10, s32),
  /** Who added the address: IFAPROT_*. Linux 5.18. */
  protocol: attribute(11, named(u8, { lo: 1, ra: 2, linkLocal: 3 })),
}));

/** struct ifaddrmsg and its attributes. */
export const addressMessage = message({
  kind: 'address',
  types: { add: 20, delete: 21, get: 22 },
  headerSize,
  familyFrom: ['address', 'peer'],
  fields: () => ({
    /** If unset in a request, it follows from `address` or `peer`. */
    family: header(0, family),
    /** The interface's own address with the length of its prefix: `192.0.2.1/24`. */
    address: own(),
    /** Where the address is valid: RT_SCOPE_* of rtnetlink(7). Unset in a request is `global`. */
    scope: header(3, scope),
    /** Index of the interface. */
    index: header(4, u32),
    /** A sum of `addressFlags`. */
    flags: widened(8, 2),
  }),
  rest: restOfAddress,
});

/** An address of an interface, as the kernel reports it. */
export type Address = Output<typeof addressMessage.fields>;

/** An address of an interface, as a request describes it. */
export type AddressInput = Input<typeof addressMessage.fields>;

// The kernel filters a list by these fields only. It refuses a request that has others.
const plain = verbs(addressMessage, ({ family, index, targetNetnsid }) => ({ family, index, targetNetnsid }));

/**
 * The kernel deletes the first address that matches all given fields. A request without an address would delete the first
 * address of the interface.
 */
function withAddress(input: AddressInput): AddressInput {
  if ((input.address ?? input.peer ?? input.label) !== undefined) return input;
  throw new InvalidField(
    'address',
    'this, `peer` or `label` must tell which address; the kernel takes the first',
    'address.delete',
  );
}

/**
 * Requests about addresses of interfaces (ip-address(8)).
 * @throws InvalidField `delete`: none of `address`, `peer` and `label` is given.
 */
export const address: Pick<typeof plain, 'add' | 'replace' | 'delete' | 'list'> = {
  add: plain.add,
  replace: plain.replace,
  delete: input => plain.delete(withAddress(input)),
  list: plain.list,
};
