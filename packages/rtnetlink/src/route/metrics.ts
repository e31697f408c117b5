// RTA_METRICS: RTAX_* of <linux/rtnetlink.h>, ip-route(8).
import { attribute } from '../codec/field.ts';
import { schema } from '../codec/schema.ts';
import { bareString, u32 } from '../codec/type.ts';

/** Metrics that may be locked: bits of `lock`, `1 << RTAX_*`. */
export const metricLocks = {
  mtu: 1 << 2,
  window: 1 << 3,
  rtt: 1 << 4,
  rttvar: 1 << 5,
  ssthresh: 1 << 6,
  cwnd: 1 << 7,
  advmss: 1 << 8,
  reordering: 1 << 9,
  hoplimit: 1 << 10,
  initcwnd: 1 << 11,
  rtoMin: 1 << 13,
  congestionControl: 1 << 16,
} as const;

/** What is known or ordained of the path of a route. */
export const metricsSchema = schema(0, () => ({
  /** A sum of `metricLocks`: what path MTU discovery and TCP may not change. */
  lock: attribute(1, u32),
  /** Bytes. */
  mtu: attribute(2, u32),
  window: attribute(3, u32),
  /** Round-trip time, eighths of a millisecond. */
  rtt: attribute(4, u32),
  /** How much it varies, quarters of a millisecond. */
  rttvar: attribute(5, u32),
  ssthresh: attribute(6, u32),
  cwnd: attribute(7, u32),
  /** The maximum segment size announced to the peer, bytes. */
  advmss: attribute(8, u32),
  reordering: attribute(9, u32),
  hoplimit: attribute(10, u32),
  initcwnd: attribute(11, u32),
  /** RTAX_FEATURE_*: 1 explicit congestion notification. */
  features: attribute(12, u32),
  /** Milliseconds. */
  rtoMin: attribute(13, u32),
  initrwnd: attribute(14, u32),
  quickack: attribute(15, u32),
  congestionControl: attribute(16, bareString(15)),
  fastopenNoCookie: attribute(17, u32),
}));
