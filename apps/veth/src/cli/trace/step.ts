/** What happens to the packet at one point of its way. */
export interface Step {
  readonly direction: 'there' | 'back';
  /** The namespace: `pod`, `node`, or the path of another. */
  readonly place: string;
  readonly text: string;
  /** It may be wrong, though the kernel sees nothing wrong with it. */
  readonly doubtful?: true;
  /** Where the packet stops here: what helps, as a command for the node. */
  readonly stops?: { readonly remedy: string | undefined };
}

/** Where the steps of one direction are written down. */
export interface Journal {
  readonly direction: Step['direction'];
  readonly steps: Step[];
}

export interface Trace {
  readonly netns: string;
  readonly destination: string;
  readonly source: string | undefined;
  readonly works: boolean;
  readonly verdict: string;
  readonly steps: readonly Step[];
}

/** The packet goes no further. */
export class Stop extends Error {
  readonly remedy: string | undefined;

  constructor(text: string, remedy?: string) {
    super(text);
    this.remedy = remedy;
  }
}
