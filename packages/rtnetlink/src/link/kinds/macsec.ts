// MAC security (IEEE 802.1AE): IFLA_MACSEC_* of <linux/if_link.h>, ip-macsec(8).
import { attribute } from '../../codec/field.ts';
import { be16, be64, boolean, named, u8, u32, u64 } from '../../codec/type.ts';

export const macsec = () => ({
  /** Secure channel identifier: hardware address and port. */
  sci: attribute(1, be64),
  /** Port number of the secure channel identifier. */
  port: attribute(2, be16),
  /** Length of the integrity check value in bytes, 8 to 16. */
  icvLength: attribute(3, u8),
  /** Identifier of the cipher suite: MACSEC_CIPHER_ID_* of <linux/if_macsec.h>. */
  cipherSuite: attribute(4, u64),
  /** Replay window: how many packets late a packet may arrive. */
  window: attribute(5, u32),
  /** Association number to send with, 0 to 3. */
  encodingSa: attribute(6, u8),
  /** Encrypts packets rather than only authenticating them. */
  encrypt: attribute(7, boolean),
  /** Protects packets that are sent. */
  protect: attribute(8, boolean),
  /** Adds the secure channel identifier to every packet. */
  includeSci: attribute(9, boolean),
  /** Sets the end station bit (ES). */
  endStation: attribute(10, boolean),
  /** Sets the single copy broadcast bit (SCB). */
  singleCopyBroadcast: attribute(11, boolean),
  /** Drops packets that are older than the replay window. */
  replayProtect: attribute(12, boolean),
  /** Packets that fail validation: accepted unchecked, accepted and counted, or dropped. */
  validation: attribute(13, named(u8, { disabled: 0, check: 1, strict: 2 })),
  /** Where the protocol is processed: in the kernel, the PHY or the MAC. */
  offload: attribute(15, named(u8, { off: 0, phy: 1, mac: 2 })),
});
