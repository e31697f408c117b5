import { formatAddress, parseAddress } from '../codec/text.ts';
import { type Type, u16 } from '../codec/type.ts';

/** RTA_VIA: a next hop of another address family than the route's (struct rtvia). */
export const viaType: Type<string> = {
  read: ({ bytes }, at, length) => formatAddress(bytes, at + 2, length - 2),
  write(writer, value) {
    const bytes = parseAddress(value);
    u16.write(writer, bytes.length === 4 ? 2 : 10);
    writer.append(bytes);
  },
};
