// A change is a value: the request that makes it, the request that undoes it, and a text for operators.
import { CNIError, type Rollback } from '@spider/cni-skel';
import { NetlinkError, type Request, type Rtnetlink, type RuleInput, route, rule } from '@spider/rtnetlink';
import { Code } from './pod.ts';
import type { WantedRoute } from './route.ts';

/** The change of one object to its wanted state. */
export interface Change {
  /** The object as ip(8) would write it. */
  readonly text: string;
  /** How the object differs now: `missing`, `differs`, `is there`. */
  readonly problem: string;
  readonly make: Request<void>;
  readonly undo: Request<void>;
  /** The errno that means that the object is in the wanted state already. */
  readonly already?: string;
}

export function replaceRoute(wanted: WantedRoute, before: WantedRoute | undefined, dev: string): Change {
  return {
    text: routeText(wanted, dev),
    problem: before ? 'differs' : 'missing',
    make: route.replace(wanted),
    undo: before ? route.replace(before) : dropRoute(wanted),
  };
}

/** Deletes a path of a route. `before` is the route that restores it. */
export function deleteRoute(path: WantedRoute, before: WantedRoute, dev: string): Change {
  return {
    text: routeText(path, dev),
    problem: 'is there',
    make: dropRoute(path),
    // Not `add` or `replace`: there may be another route to the same destination.
    undo: route.append(before),
    already: 'ESRCH',
  };
}

export function addRule(wanted: RuleInput): Change {
  const undo = rule.delete(wanted);
  return { text: ruleText(wanted), problem: 'missing', make: rule.add(wanted), undo, already: 'EEXIST' };
}

export function deleteRule(stale: RuleInput): Change {
  const undo = rule.add(stale);
  return { text: ruleText(stale), problem: 'is there', make: rule.delete(stale), undo, already: 'ENOENT' };
}

/** The request that deletes a route. */
export function dropRoute({ dst, table, priority, tos, oif, gateway, via }: WantedRoute): Request<void> {
  return route.delete({ dst, table, priority, tos, oif, gateway, via });
}

/** Makes all changes with one send. The rollback undoes those that succeeded. */
export function make(changes: readonly Change[], pod: Rtnetlink, rollback: Rollback): void {
  const outcomes = pod.settle(changes.map(change => change.make));
  const made = changes.filter((_, i) => !outcomes[i]!.error);
  rollback.defer(() => pod.batch(made.map(change => change.undo).toReversed()));
  const failures = changes.flatMap(({ text, already }, i) => {
    const { error } = outcomes[i]!;
    return error && !(error instanceof NetlinkError && error.code === already) ? [{ text, error }] : [];
  });
  const [first] = failures;
  if (!first) return;
  const msg = failures.map(({ text, error }) => `${text}: ${reason(error)}`).join('; ');
  throw new CNIError(Code.KernelRefused, msg, { details: first.error.message, cause: first.error });
}

function reason(error: Error): string {
  return error instanceof NetlinkError ? [error.code, error.kernelMessage].filter(Boolean).join(', ') : error.message;
}

function routeText({ dst, nexthops, priority, table, onlink, ...route }: WantedRoute, dev: string): string {
  const gateway = route.gateway ?? route.via;
  return words(
    `route ${dst}`,
    ...(nexthops ?? []).map(path => `nexthop via ${path.gateway ?? path.via}`),
    gateway && `via ${gateway}`,
    `dev ${dev}`,
    onlink && 'onlink',
    priority && `metric ${priority}`,
    `table ${table}`,
    'in the pod',
  );
}

function ruleText({ priority, src, dst, table }: RuleInput): string {
  return words(`rule priority ${priority}`, src && `from ${src}`, dst && `to ${dst}`, `lookup ${table}`, 'in the pod');
}

function words(...parts: readonly (string | number | false | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}
