// npm run instructions -w apps/veth: counts the instructions that each call of veth executes outside of the kernel. Unlike
// times, which depend on the run and on the load of the machine, they vary by a few thousandths only.
import { progress } from '../lab/enter.ts';
import { inSandbox, runInSandbox } from '../sandbox.ts';
import { instructions, requireHelpers } from './measure.ts';
import { round } from './round.ts';
import { compileEmpty, createScenario } from './scenario.ts';

if (!inSandbox) {
  requireHelpers('valgrind');
  compileEmpty();
  const { status } = runInSandbox(process.execPath, [...process.execArgv, ...process.argv.slice(1)]);
  process.exit(status ?? 1);
}

progress('creating two labs, one with a crowded node');
const { startUps, contenders } = await createScenario();
progress('counting');
// Only programs that Bun has compiled.
const isOurs = ({ name }: { readonly name: string }) => name === 'empty' || name.startsWith('veth');
const counts = await round({ startUps: startUps.filter(isOurs), contenders: contenders.filter(isOurs) }, instructions);
console.log('millions of instructions');
for (const { verb, name, measured } of counts)
  console.log(`${verb.padEnd(9)}${name.padEnd(18)}${(measured / 1e6).toFixed(2).padStart(6)}`);
// The open namespaces would keep the process alive.
process.exit(0);
