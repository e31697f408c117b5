// node server.ts NAME
// Answers HTTP on port 80 of every address with its name and with the address that the client comes from, which shows
// whether packets keep their source on the way. Prints a line when it is ready. (node:http takes as long to load as
// the rest takes to run.)
import { createServer } from 'node:net';

const [server] = process.argv.slice(2);

createServer(connection => {
  const source = connection.remoteAddress?.replace(/^::ffff:/, '');
  connection.on('error', () => connection.destroy());
  connection.once('data', () => connection.end(`HTTP/1.0 200 OK\r\n\r\n${JSON.stringify({ server, source })}\n`));
}).listen(80, '::', () => console.log('ready'));
