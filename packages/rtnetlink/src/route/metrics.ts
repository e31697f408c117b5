// RTA_METRICS: RTAX_* of <linux/rtnetlink.h>, ip-route(8).
import { attribute } from '../codec/field.ts';
import { schema } from '../codec/schema.ts';
import { bareString, u32 } from '../codec/type.ts';

/** What is known or ordained of the path of a route. */
export const metricsSchema = schema(0, () => ({
  /** A bit for each locked metric, `1 << RTAX_…`. */
  lock: attribute(1, u32),
  /** Bytes. */
  mtu: attribute(2, u32),
  window: attribute(3, u32),
  /** Round-trip time, eighths of a millisecond. */
  rtt: attribute(4, u32),
  rttvar: attribute(5, u32),
  ssthresh: attribute(6, u32),
  cwnd: attribute(7, u32),
  /** The maximum segment size announced to the peer, bytes. */
  advmss: attribute(8, u32),
  reordering: attribute(9, u32),
  hoplimit: attribute(10, u32),
  initcwnd: attribute(11, u32),
  features: attribute(12, u32),
  /** Milliseconds. */
  rtoMin: attribute(13, u32),
  initrwnd: attribute(14, u32),
  quickack: attribute(15, u32),
  congestionControl: attribute(16, bareString(15)),
  fastopenNoCookie: attribute(17, u32),
}));
