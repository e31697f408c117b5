/** Factor by which this machine is slower than usual. Timeouts are multiplied by it. */
export const slowness = Number(process.env['SPIDER_SLOWNESS'] ?? 1);
