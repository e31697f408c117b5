import { CNIError, ErrorCode } from './error.ts';
import type { Awaitable } from './rollback.ts';

/** A validator of any library that speaks https://standardschema.dev: Zod, Valibot, ArkType, … */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Awaitable<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    /** Of libraries that export JSON Schema (Standard JSON Schema). */
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => object } | undefined;
  };
}

/** What a validator says of a value: the value as it is used from then on, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong, and where: the keys that lead there. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** The keys that lead to it; absent for the value as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** Validates `value`. @throws CNIError code 7 that names every key and what is wrong with it */
export async function validate<Output>(schema: StandardSchema<Output>, value: unknown, what: string): Promise<Output> {
  const checked = schema['~standard'].validate(value);
  const result = checked instanceof Promise ? await checked : checked;
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ path = [], message }) => {
    const at = textOf(path);
    // ArkType's messages begin with it.
    return at === '' || message.startsWith(`${at} `) ? message : `${at}: ${message}`;
  });
  throw new CNIError(ErrorCode.InvalidNetworkConfig, `${what}: ${issues.join('; ')}`);
}

/** As elsewhere in errors: `ports[1].host`. */
function textOf(path: NonNullable<SchemaIssue['path']>): string {
  let text = '';
  for (const step of path) {
    const key = typeof step === 'object' ? step.key : step;
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}
