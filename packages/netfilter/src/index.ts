export { type Chain, type ChainInput, chain } from './chain.ts';
export { type Conntrack, type ConntrackInput, conntrack, conntrackStatus } from './conntrack.ts';
export { type Expression, interfaceName, word } from './expression.ts';
export { Netfilter } from './netfilter.ts';
export { type Rule, type RuleInput, rule } from './rule.ts';
export { type SetElements, type SetElementsInput, setElements } from './set-element.ts';
export { type Table, type TableInput, table } from './table.ts';
