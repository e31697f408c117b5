// Measures what the package adds to a program: importing it, and importing it and parsing a few values.
import { compareStarts } from '../../../tools/bench/start.ts';

compareStarts({
  import: { source: `import * as ip from '@spider/ip'; globalThis.keep = ip;` },
  'import and use': {
    source: `
      import { Address, MacAddress, MacPrefix, Prefix } from '@spider/ip';
      const cidrs = ['10.96.0.0/12', '10.244.0.0/16', 'fd00:96::/108', 'fd00:244::/56'].map(text => Prefix.parse(text));
      const addresses = ['192.168.7.20', '2001:db8::14', '169.254.1.1', 'fe80::1'].map(text => Address.parse(text));
      const inside = cidrs.some(cidr => addresses.some(address => cidr.contains(address)));
      const mac = MacAddress.fromAddress(MacPrefix.parse('0a:1b'), addresses[0]);
      globalThis.keep = [inside, addresses.map(address => address.toBytes()), String(mac), cidrs.map(String)];`,
  },
});
