import { Address } from '@spider/ip';
import { defineCommand } from '../command.ts';
import { print, printJson } from '../print.ts';

export const trace = defineCommand({
  about: 'follows a packet from a pod to a destination and back, and tells where and why it would stop',
  details: `The kernel is asked at each point where it would send the packet; nothing is sent. Rules of nf_tables are followed, and so are
those of iptables that stand on them. Rules of iptables-legacy, services of IPVS, and what sees the packet on an interface (XDP, tcx,
filters of tc) are not: they are named where they are on the way. Where a step begins with "!" the packet stops, and below it stands
what helps; one with "?" may be wrong, or depends on more than can be seen from here.
The exit status is 1 where the packet, or the reply, would stop.`,
  operands: ['DST'],
  needsRoot: true,
  options: {
    netns: { value: 'PATH', required: true, about: 'the network namespace of the pod' },
    from: { value: 'SRC', about: 'the address of its own that the pod binds to; default: what the kernel chooses' },
    port: { value: 'PORT', about: 'the TCP port, for what is translated by port, as ClusterIPs are; default 80' },
    mark: {
      value: 'MARK',
      about: 'the mark of the packet; with that of reply_path, a reply to what came in through the pair',
    },
    json: { about: 'print JSON' },
  },
  async main({ netns, from, port = '80', mark = '0', json }, [destination = '']) {
    const dst = addressOf(destination);
    const src = from === undefined ? undefined : addressOf(from);
    if (src && src.includes(':') !== dst.includes(':')) throw new Error(`${src} and ${dst} are of two families`);
    if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) throw new Error(`--port ${port} is no port: 1 to 65535`);
    if (!/^(0x[0-9a-f]{1,8}|\d{1,9})$/i.test(mark)) throw new Error(`--mark ${mark} is no mark, such as 0x20000000`);
    const { trace } = await import('./trace.ts');
    const traced = trace(netns, { dst, src, port: Number(port), mark: Number(mark) || undefined });
    const { traceText } = await import('./text.ts');
    if (json) await printJson(traced);
    else await print(traceText(traced));
    return traced.works ? 0 : 1;
  },
});

function addressOf(text: string): string {
  const address = Address.parse(text).toUnmapped();
  if (address.isUnspecified) throw new Error(`${text} is nobody's address`);
  return address.toString();
}
