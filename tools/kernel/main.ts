// npm run kernel [-- [--deb FILE] [COMMAND ...]]
// Runs a command of this workspace on another kernel, in an emulator: on that of this Debian release, or on the one in
// FILE, a Debian package. Without COMMAND it runs the quickstart.
import { download, unpack } from './kernel.ts';
import { boot } from './machine.ts';

try {
  const command = process.argv.slice(2);
  const [, deb = download()] = command[0] === '--deb' ? command.splice(0, 2) : [];
  const kernel = unpack(deb);
  console.error(`» booting Linux ${kernel.release} in an emulator, which is many times slower than this machine`);
  process.exit(boot(kernel, command.length > 0 ? command : ['npm', 'run', '--silent', 'quickstart']));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
