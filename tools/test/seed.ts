// Random tests use the same cases in every run; FUZZ_SEED=<number> selects others.
import fc from 'fast-check';

export const seed = Number(process.env['FUZZ_SEED'] ?? 1);
fc.configureGlobal({ seed });
