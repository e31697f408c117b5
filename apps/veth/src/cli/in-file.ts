/** Prefixes errors about a file with the option that names it. */
export function inFile<T>(option: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${option} ${file}: ${(error as Error).message}`);
  }
}
