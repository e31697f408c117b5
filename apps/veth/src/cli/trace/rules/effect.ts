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
