// What `veth inspect` asks the node about one pod it asks about the next as well: who has which addresses, above all.
import { NETLINK_ROUTE } from '@spider/libc';
import {
  type Namespace,
  type Outcome,
  type Outcomes,
  openSocket,
  type Request,
  type Results,
  Rtnetlink,
} from '@spider/rtnetlink';

/** A conversation that asks each question once: all answers are of the moment of the first asking. */
export class Memory extends Rtnetlink {
  readonly #known = new Map<string, Outcome<unknown>>();

  static override openIn(namespace: Namespace): Memory {
    return new Memory(openSocket(NETLINK_ROUTE, namespace));
  }

  override execute<Result>(request: Request<Result>): Result {
    return this.batch([request])[0];
  }

  override batch<const Requests extends readonly Request<unknown>[]>(requests: Requests): Results<Requests> {
    return this.settle(requests).map(({ value, error }) => {
      if (error) throw error;
      return value;
    }) as Results<Requests>;
  }

  override settle<const Requests extends readonly Request<unknown>[]>(requests: Requests): Outcomes<Requests> {
    const keys = requests.map(keyOf);
    // The number of a descriptor is that of another pod's namespace the next time.
    const asked = requests.filter(({ object }, i) => 'fd' in object || !this.#known.has(keys[i]!));
    const outcomes = asked.length > 0 ? super.settle(asked) : [];
    for (const [i, request] of asked.entries()) this.#known.set(keyOf(request), outcomes[i]!);
    return keys.map(key => this.#known.get(key)) as Outcomes<Requests>;
  }
}

function keyOf({ operation, object, only }: Request<unknown>): string {
  return JSON.stringify([operation, object, only]);
}
