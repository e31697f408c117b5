// Random tests meet the same cases in every run; FUZZ_SEED=<number> makes them meet others.
import fc from 'fast-check';

export const seed = Number(process.env['FUZZ_SEED'] ?? 1);
fc.configureGlobal({ seed });
