// client.ts WHAT COUNT: runs WHAT COUNT times and prints the milliseconds of each run on a line.
import { type Request, type RouteInput, Rtnetlink, route } from '../src/index.ts';
import { adds, interfaceIndex } from './routes.ts';

const [what = '', count = '1'] = process.argv.slice(2);
const nl = Rtnetlink.open();
let sum = 0;

function cursor(): void {
  for (const view of nl.iterate(route.list({ family: 'inet' })))
    sum += (view.dst?.length ?? 0) + (view.gateway?.length ?? 0) + (view.oif ?? 0) + view.table;
}

function objects(): void {
  sum += nl.execute(route.list({ family: 'inet' })).length;
}

const routes: RouteInput[] = what.startsWith('add') ? adds(interfaceIndex(nl)) : [];
const removals: readonly Request<void>[] = routes.map(route.delete);
const actions: Record<string, () => void> = {
  cursor,
  objects,
  'add one by one': () => {
    for (const each of routes) nl.execute(route.add(each));
  },
  'add in a batch': () => void nl.batch(routes.map(route.add)),
};

const action = actions[what];
if (!action) throw new Error(`${what} is not one of ${Object.keys(actions).join(', ')}`);
for (let i = 0; i < Number(count); i++) {
  const start = performance.now();
  action();
  // As text: when Nx requests colours, numbers are printed in colour.
  console.log(`${performance.now() - start}`);
  nl.batch(removals);
}
if (sum < 0) console.log(sum);
