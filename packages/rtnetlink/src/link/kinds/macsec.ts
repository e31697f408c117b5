// MAC security (IEEE 802.1AE): IFLA_MACSEC_* of <linux/if_link.h>, ip-macsec(8).
import { attribute } from '../../codec/field.ts';
import { be16, be64, boolean, named, u8, u32, u64 } from '../../codec/type.ts';

export const macsec = () => ({
  /** The secure channel: the link's hardware address and the port. */
  sci: attribute(1, be64),
  port: attribute(2, be16),
  /** Bytes of the integrity check value, 8 to 16. */
  icvLength: attribute(3, u8),
  cipherSuite: attribute(4, u64),
  /** Packets that may come out of order. */
  window: attribute(5, u32),
  /** The association to send with, 0 to 3. */
  encodingSa: attribute(6, u8),
  encrypt: attribute(7, boolean),
  protect: attribute(8, boolean),
  includeSci: attribute(9, boolean),
  endStation: attribute(10, boolean),
  singleCopyBroadcast: attribute(11, boolean),
  replayProtect: attribute(12, boolean),
  validation: attribute(13, named(u8, { disabled: 0, check: 1, strict: 2 })),
  offload: attribute(15, named(u8, { off: 0, phy: 1, mac: 2 })),
});
