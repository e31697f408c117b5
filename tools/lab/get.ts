// node get.ts ADDRESS[,port=PORT][,bind=ADDRESS][,protocol=udp|icmp] ...
// Asks the servers at these addresses for their names, all at once, and prints each result as a line of JSON. `bind=`
// selects one of this host's own addresses as source. The answer to a ping contains no name.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import { text } from 'node:stream/consumers';
import { slowness } from '../slowness.ts';

/**
 * Milliseconds: much longer than an exchange takes, but shorter than the 3 s after which the kernel gives up resolving a
 * neighbour.
 */
const answerTimeout = 1500 * slowness;

interface Target {
  readonly address: string;
  readonly port: number;
  readonly bind: string | undefined;
  readonly signal: AbortSignal;
}

/** Each function returns the answer, which is JSON. */
const protocols: Record<string, (target: Target) => Promise<string>> = {
  async tcp({ address, port, bind, signal }) {
    const connection = connect({ host: address, port, localAddress: bind });
    signal.addEventListener('abort', () => connection.destroy(new Error('timed out')));
    connection.write('GET / HTTP/1.0\r\n\r\n');
    const response = await text(connection);
    return response.slice(response.indexOf('\r\n\r\n'));
  },

  udp: ({ address, port, bind, signal }) =>
    new Promise((resolve, reject) => {
      const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
      signal.addEventListener('abort', () => reject(new Error('timed out')));
      socket.on('error', reject).on('message', message => resolve(String(message)));
      // A connected socket receives only packets from that address.
      socket.bind(0, bind, () => socket.connect(port, address, () => socket.send('who?')));
    }),

  async icmp({ address, bind }) {
    const wait = ['-c', '1', '-W', String(Math.ceil(answerTimeout / 1000))];
    const ping = spawn('busybox', ['ping', ...wait, ...(bind ? ['-I', bind] : []), address], { stdio: 'ignore' });
    const [status] = await once(ping, 'exit');
    if (status !== 0) throw new Error('timed out');
    return '{}';
  },
};

async function ask(target: string): Promise<object> {
  const [address = '', ...options] = target.split(',');
  const { port = '80', bind, protocol = 'tcp' } = Object.fromEntries(options.map(option => option.split('=')));
  const signal = AbortSignal.timeout(answerTimeout);
  try {
    return { address, ...JSON.parse(await protocols[protocol]!({ address, port: Number(port), bind, signal })) };
  } catch (error) {
    return { address, error: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

const answers = await Promise.all(process.argv.slice(2).map(ask));
for (const answer of answers) console.log(JSON.stringify(answer));
process.exit();
