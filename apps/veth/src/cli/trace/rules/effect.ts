import { familyOf } from '../../../family.ts';
import type { Seen } from './seen.ts';

/** What a rule that matches does with a packet. */
export type Effect =
  | {
      readonly kind: 'verdict';
      /** `accept`, `drop`, `reject`, `return`, `jump`, `goto`. */
      readonly code: string | undefined;
      /** Where to jump or go. */
      readonly chain: string | undefined;
    }
  | {
      readonly kind: 'destination';
      readonly to: string;
      /** Undefined where it stays. */
      readonly port: number | undefined;
    }
  | {
      readonly kind: 'source';
      /** Undefined for an address of the interface that the packet leaves by. */
      readonly to: string | undefined;
    };

/** To the machine itself: what it sends goes to its loopback address. */
export function redirection({ dst }: Seen, port: number | undefined): Effect {
  return { kind: 'destination', to: familyOf(dst) === 'inet' ? '127.0.0.1' : '::1', port };
}
