// node get.ts ADDRESS[,port=PORT][,bind=ADDRESS] ...
// Asks the servers at these addresses, all at once, who they are, and prints what came of each as a line of JSON. The
// connection is bound to the address after `bind=`, of those that are ours.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Milliseconds: far more than an exchange takes, less than the 3 s after which the kernel gives up on a neighbour. */
const patience = 1500;

async function ask(target: string): Promise<object> {
  const [address = '', ...options] = target.split(',');
  const { port = '80', bind } = Object.fromEntries(options.map(option => option.split('=')));
  const signal = AbortSignal.timeout(patience);
  const connection = connect({ host: address, port: Number(port), localAddress: bind });
  signal.addEventListener('abort', () => connection.destroy(new Error('timed out')));
  connection.write('GET / HTTP/1.0\r\n\r\n');
  try {
    const response = await text(connection);
    return { address, ...JSON.parse(response.slice(response.indexOf('\r\n\r\n'))) };
  } catch (error) {
    return { address, error: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

const answers = await Promise.all(process.argv.slice(2).map(ask));
for (const answer of answers) console.log(JSON.stringify(answer));
