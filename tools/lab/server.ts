// node server.ts NAME
// Answers HTTP and UDP on port 80 of every address with its name and with the client's address, which shows whether packets
// keep their source. Prints a line when it is ready. (It does not use node:http, which takes as long to load as the rest
// takes to run.)
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';

const [server] = process.argv.slice(2);
const port = 80;

function answerTo(source = ''): string {
  return JSON.stringify({ server, source: source.replace(/^::ffff:/, '') });
}

/**
 * One socket per address, as DNS servers have: a single socket would not know the address that a request was sent to,
 * which must be the source of the answer.
 */
async function listenForDatagrams(): Promise<void> {
  const all = Object.values(networkInterfaces()).flatMap(found => found ?? []);
  const own = all.filter(({ address, internal }) => !internal && !address.startsWith('fe80:'));
  const ready = own.map(({ address, family }) => {
    const socket = createSocket(family === 'IPv6' ? 'udp6' : 'udp4');
    socket.on('message', (_, { address, port }) => socket.send(answerTo(address), port, address));
    return new Promise<void>(resolve => socket.on('error', () => resolve()).bind(port, address, resolve));
  });
  await Promise.all(ready);
}

await listenForDatagrams();
createServer(connection => {
  connection.on('error', () => connection.destroy());
  connection.once('data', () => connection.end(`HTTP/1.0 200 OK\r\n\r\n${answerTo(connection.remoteAddress)}\n`));
}).listen(port, '::', () => console.log('ready'));
