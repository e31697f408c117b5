import { expect, test } from 'vitest';
import { datagramsOf } from './capture.ts';
import { decode } from './decode.ts';

// ip route add 10.0.0.0/8 dev a0 table 77, where a0 is link 3
const hex = '2c000000 18000506 c419056b 00000000 02080000 4d03fd01 00000000 08000100 0a000000 08000400 03000000';
const message = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const route = { dst: '10.0.0.0/8', table: 77, protocol: 'boot', scope: 'link', oif: 3 };

const textOf = (text: string) => datagramsOf(new TextEncoder().encode(text));

test.each([
  ['plain', hex],
  ['as xxd and C write it', hex.replaceAll(' ', '').replace(/../g, '0x$&, ')],
  ['with the escapes of strace -xx', hex.replaceAll(' ', '').replace(/../g, '\\x$&')],
  ['over several lines', hex.replaceAll(' ', '\n')],
])('hex text is read, %s', (_, text) => expect(textOf(text)).toEqual([message]));

test('each paragraph of hex text is a datagram', () =>
  expect(textOf(`${hex}\n\n${hex}\n`)).toEqual([message, message]));

test('other text is refused', () => expect(() => textOf('not hex')).toThrow('not hexadecimal: not hex'));

test('the buffers in the output of strace are read', () => {
  const strace = `sendmsg(3, {msg_name={sa_family=AF_NETLINK, ...}, 0) = 44
 * 44 bytes in buffer 0
 | 00000  2c 00 00 00 18 00 05 06  c4 19 05 6b 00 00 00 00  ,..........k.... |
 | 00010  02 08 00 00 4d 03 fd 01  00 00 00 00 08 00 01 00  ....M........... |
 | 00020  0a 00 00 00 08 00 04 00  03 00 00 00              ............     |
sendto(4, [{nlmsg_len=20, ...}], 20, 0, NULL, 0) = 20
 | 00000  14 00 00 00 12 00 01 03  00 00 00 00 00 00 00 00  ................ |
 | 00010  00 00 00 00                                       ....             |
+++ exited with 0 +++`;
  expect(textOf(strace).map(({ length }) => length)).toEqual([44, 20]);
  expect(textOf(strace)[0]).toEqual(message);
});

test('the packets of a capture on an nlmon link are read, but for those of other families', () => {
  const word = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)];
  const packet = (family: number) => {
    const cooked = [0, 4, 3, 0x38, ...Array(10).fill(0), 0, family];
    const size = word(cooked.length + message.length);
    return [...word(0), ...word(0), ...size, ...size, ...cooked, ...message];
  };
  const header = [...word(0xa1b2c3d4), 2, 0, 4, 0, ...word(0), ...word(0), ...word(65535), ...word(253)];
  expect(datagramsOf(Uint8Array.from([...header, ...packet(0), ...packet(12), ...packet(0)]))).toEqual([
    message,
    message,
  ]);
  header[20] = 1;
  expect(() => datagramsOf(Uint8Array.from(header))).toThrow('link type 1 is not that of netlink');
});

test('a message is told as a request or as what the kernel says', () => {
  expect(decode(message)).toMatchObject([{ what: 'route.add', object: route }]);
  const notice = message.slice();
  notice[6] = 0;
  notice[7] = 0;
  expect(decode(notice)).toMatchObject([{ what: 'route', object: route }]);
  notice[4] = 25;
  expect(decode(notice)).toMatchObject([{ what: 'route gone' }]);
});

test('several messages of a datagram are told, and what is none is left alone', () => {
  const datagram = new Uint8Array([...message, ...message, ...new Uint8Array(20)]);
  expect(decode(datagram)).toHaveLength(2);
});

test('answers are told', () => {
  const answer = (type: number, errno: number) => {
    const bytes = new Uint8Array(20);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 20, true);
    view.setUint16(4, type, true);
    view.setInt32(16, -errno, true);
    return decode(bytes)[0]!.what;
  };
  expect([answer(2, 0), answer(2, 17), answer(3, 0), answer(3, 2), answer(99, 0)]).toEqual([
    'acknowledged',
    'error -17',
    'done',
    'error -2',
    'type 99',
  ]);
});
