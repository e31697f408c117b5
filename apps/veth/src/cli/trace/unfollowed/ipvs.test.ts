import { expect, test } from 'vitest';
import { parseIpvs } from './ipvs.ts';

test('services of TCP and by mark are read with their servers, as Linux 6.1 writes them', () => {
  const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A60000A:0050 rr  persistent 1080000 FFFFFFFF
  -> 0AF40003:1F90      Masq    1      0          0         
  -> 0AF40002:1F90      Masq    1      0          0         
TCP  [fd00:0010:0096:0000:0000:0000:0000:000a]:0050 rr 
  -> [fd00:0010:0244:0000:0000:0000:0000:0002]:0050      Masq    1      0          0         
UDP  0A60000A:0035 rr  
  -> 0AF40009:0035      Masq    1      0          0         
TCP  0A60000A:01BB rr  
FWM  00004000 rr 
  -> 0AF40004:0000      Masq    1      0          0         
`;
  expect(parseIpvs(text)).toEqual([
    { address: '10.96.0.10', port: 80, mark: 0, servers: ['10.244.0.3:8080', '10.244.0.2:8080'] },
    { address: 'fd00:10:96::a', port: 80, mark: 0, servers: ['[fd00:10:244::2]:80'] },
    { address: '10.96.0.10', port: 443, mark: 0, servers: [] },
    { address: undefined, port: 0, mark: 0x4000, servers: ['10.244.0.4:0'] },
  ]);
});

test('a kernel without IPVS has no services', () => {
  expect(parseIpvs('')).toEqual([]);
});
