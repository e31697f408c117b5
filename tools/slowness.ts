/** How many times slower than usual this machine is: what waits for the outcome of something waits so many times longer. */
export const slowness = Number(process.env['SPIDER_SLOWNESS'] ?? 1);
