import { CNIError, ErrorCode } from './error.ts';
import type { Awaitable } from './rollback.ts';

/** A validator of any library that implements https://standardschema.dev: Zod, Valibot, ArkType and others. */
export interface StandardSchema<Output> {
  /** The validator, in the form of the Standard Schema specification, version 1. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => Awaitable<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    /** Only libraries that export JSON Schema have it (Standard JSON Schema). */
    readonly jsonSchema?: { readonly input: (options: { readonly target: 'draft-2020-12' }) => object } | undefined;
  };
}

/** The result of a validation: the value to use from then on, or what is wrong. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** A problem, and its place. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** The keys that lead to the place; absent for the value as a whole. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Validates `value`.
 * @throws CNIError code 7 that names every refused key, and what is wrong with it
 */
export async function validate<Output>(schema: StandardSchema<Output>, value: unknown, what: string): Promise<Output> {
  const checked = schema['~standard'].validate(value);
  const result = checked instanceof Promise ? await checked : checked;
  if (!result.issues) return result.value;
  const issues = result.issues.map(({ path = [], message }) => {
    const at = textOf(path);
    // Messages of ArkType already begin with the place.
    return at === '' || message.startsWith(`${at} `) ? message : `${at}: ${message}`;
  });
  throw new CNIError(ErrorCode.InvalidNetworkConfig, `${what}: ${issues.join('; ')}`);
}

/** A path in the notation of other errors: `ports[1].host`. */
function textOf(path: NonNullable<SchemaIssue['path']>): string {
  let text = '';
  for (const step of path) {
    const key = typeof step === 'object' ? step.key : step;
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}
