// RTA_METRICS: RTAX_* of <linux/rtnetlink.h>, ip-route(8).
import { attribute } from '../codec/field.ts';
import { schema } from '../codec/schema.ts';
import { bareString, u32 } from '../codec/type.ts';

/** Metrics that can be locked: bits of `lock`, `1 << RTAX_*` of <linux/rtnetlink.h>. Each has the name of its metric. */
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

/** Properties of the path to a destination: RTAX_* of <linux/rtnetlink.h>. */
export const metricsSchema = schema(0, () => ({
  /** A sum of `metricLocks`: the metrics that path MTU discovery and TCP may not change. */
  lock: attribute(1, u32),
  /** MTU of the path, in bytes. */
  mtu: attribute(2, u32),
  /** Maximum TCP window to advertise, in bytes. */
  window: attribute(3, u32),
  /** Initial estimate of the round-trip time, in eighths of a millisecond. */
  rtt: attribute(4, u32),
  /** Initial variance of the round-trip time, in quarters of a millisecond. */
  rttvar: attribute(5, u32),
  /** Initial slow start threshold, in segments. */
  ssthresh: attribute(6, u32),
  /** Limit of the congestion window, in segments. Applied only if locked. */
  cwnd: attribute(7, u32),
  /** Maximum segment size (MSS) to advertise, in bytes. */
  advmss: attribute(8, u32),
  /** Maximum reordering on the path, in packets, before packets count as lost. */
  reordering: attribute(9, u32),
  /** Hop limit of packets, 0 to 255; 0 is the sysctl's value. */
  hoplimit: attribute(10, u32),
  /** Initial congestion window, in segments. */
  initcwnd: attribute(11, u32),
  /** RTAX_FEATURE_*: 1 explicit congestion notification. */
  features: attribute(12, u32),
  /** Minimum retransmission timeout of TCP, in milliseconds. */
  rtoMin: attribute(13, u32),
  /** Initial receive window, in segments. */
  initrwnd: attribute(14, u32),
  /** 1 switches delayed acknowledgements off. */
  quickack: attribute(15, u32),
  /** Name of TCP's congestion control algorithm, up to 15 bytes. */
  congestionControl: attribute(16, bareString(15)),
  /** 1 allows TCP Fast Open without a cookie (RFC 7413). */
  fastopenNoCookie: attribute(17, u32),
}));
