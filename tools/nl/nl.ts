// node --conditions=@spider/source tools/nl/nl.ts [FILE]
// Prints the contents of a capture of netlink messages: a pcap file of an nlmon link, hex text, or the output of
// `strace -e trace=%net -e write=all -e read=all`. Without a file it reads standard input.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { datagramsOf } from './capture.ts';
import { decode } from './decode.ts';

for (const datagram of datagramsOf(readFileSync(process.argv[2] ?? 0)))
  for (const { sequence, what, object, bytes } of decode(datagram)) {
    const shown = object ? ` ${inspect(object, { breakLength: Number.POSITIVE_INFINITY, depth: null })}` : '';
    console.log(`${sequence} ${what}${shown} (${bytes.length} bytes)`);
  }
