// The part of Bun's module that is used here. The package bun-types would declare all of Bun's globals too.
declare module 'bun' {
  export function spawnSync(options: {
    readonly cmd: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly stdin: Uint8Array;
    readonly stdout: 'pipe';
    readonly stderr: 'pipe';
  }): {
    readonly exitCode: number;
    readonly signalCode?: string;
    readonly stdout: Uint8Array;
    readonly stderr: Uint8Array;
    /** getrusage(2) of the process, including the children that it waited for. */
    readonly resourceUsage: { readonly cpuTime: { readonly total: number } };
  };
}
