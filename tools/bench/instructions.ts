// npm run instructions -w apps/veth: how many instructions each call of veth executes outside of the kernel. Times differ from
// run to run, and with what else the machine does; this is the same to a few thousandths.
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

progress('laying two labs, one with a crowded node');
const { startUps, contenders } = await createScenario();
progress('counting');
// All of those that Bun has compiled.
const isOurs = ({ name }: { readonly name: string }) => name === 'empty' || name.startsWith('veth');
const counts = await round({ startUps: startUps.filter(isOurs), contenders: contenders.filter(isOurs) }, instructions);
console.log('millions of instructions');
for (const { verb, name, measured } of counts)
  console.log(`${verb.padEnd(9)}${name.padEnd(18)}${(measured / 1e6).toFixed(2).padStart(6)}`);
// Lest the open namespaces keep it.
process.exit(0);
