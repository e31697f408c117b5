/** What happens to the packet at one point of its path. */
export interface Step {
  readonly direction: 'there' | 'back';
  /** The namespace: `pod`, `node`, or the path of another one. */
  readonly place: string;
  readonly text: string;
  /** It may be wrong, though nothing stops the packet. */
  readonly doubtful?: true;
  /** Set if the packet stops here. The remedy is a command for the node. */
  readonly stops?: { readonly remedy: string | undefined };
}

/** Collects the steps of one direction. */
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

/** Thrown if the packet goes no further. */
export class Stop extends Error {
  readonly remedy: string | undefined;

  constructor(text: string, remedy?: string) {
    super(text);
    this.remedy = remedy;
  }
}
