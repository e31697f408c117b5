/** Name of a field, or of a part of it: `info.kind`. */
export type Path<O> =
  | (keyof O & string)
  | { [K in keyof O & string]: PartPath<K, NonNullable<O[K]>> }[keyof O & string];

type PartPath<K extends string, Value> = Value extends readonly unknown[] | Uint8Array
  ? never
  : Value extends object
    ? `${K}.${keyof Value & string}`
    : never;

/** The object type that results from reading only these paths. */
export type Selected<O, P extends string> = [HeadOf<P>] extends [never]
  ? Pick<O, P & keyof O>
  : Pick<O, P & keyof O> & {
      readonly [K in HeadOf<P> & keyof O]?: Pick<NonNullable<O[K]>, TailOf<P, K> & keyof NonNullable<O[K]>>;
    };

type HeadOf<P> = P extends `${infer Head}.${string}` ? Head : never;
type TailOf<P, K extends PropertyKey> = P extends `${K & string}.${infer Tail}` ? Tail : never;
