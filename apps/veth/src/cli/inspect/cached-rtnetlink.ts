// `veth inspect` asks the node the same questions for each pod, above all for all its addresses.
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

/** A socket that sends each request once and caches the answer, so it does not see later changes. */
export class CachedRtnetlink extends Rtnetlink {
  readonly #known = new Map<string, Outcome<unknown>>();

  static override openIn(namespace: Namespace): CachedRtnetlink {
    return new CachedRtnetlink(openSocket(NETLINK_ROUTE, namespace));
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
    // A descriptor's number is reused for the next pod's namespace, so it is no key.
    const asked = requests.filter(({ object }, i) => 'fd' in object || !this.#known.has(keys[i]!));
    const outcomes = asked.length > 0 ? super.settle(asked) : [];
    for (const [i, request] of asked.entries()) this.#known.set(keyOf(request), outcomes[i]!);
    return keys.map(key => this.#known.get(key)) as Outcomes<Requests>;
  }
}

function keyOf({ operation, object, only }: Request<unknown>): string {
  return JSON.stringify([operation, object, only]);
}
