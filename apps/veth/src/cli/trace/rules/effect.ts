import { familyOf } from '@spider/rtnetlink';
import type { PacketInfo } from './packet-info.ts';

/** What a rule that matches does with a packet. */
export type Effect =
  | {
      readonly kind: 'verdict';
      /** `accept`, `drop`, `reject`, `return`, `jump`, `goto`. */
      readonly code: string | undefined;
      /** The target of a jump or goto. */
      readonly chain: string | undefined;
    }
  | {
      readonly kind: 'destination';
      readonly to: string;
      /** Undefined if it does not change. */
      readonly port: number | undefined;
    }
  | {
      readonly kind: 'source';
      /** Undefined for an address of the interface that the packet leaves by. */
      readonly to: string | undefined;
    };

/** REDIRECT of a locally sent packet: to the loopback address. */
export function redirection({ dst }: PacketInfo, port: number | undefined): Effect {
  return { kind: 'destination', to: familyOf(dst) === 'inet' ? '127.0.0.1' : '::1', port };
}
