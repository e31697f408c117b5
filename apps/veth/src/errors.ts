/** Error codes of ours (SPEC section 5: plugins may use 100 and above). */
export const Code = {
  /** The kernel refused a part of the plan; everything was undone. */
  KernelRefused: 100,
  /** CHECK: what is there differs from what ADD makes. */
  Differs: 101,
  /** A link that is not ours has the name that we need. */
  NameTaken: 102,
  /** Another has the pod's address: the node itself, or somebody on the link. */
  AddressConflict: 103,
} as const;
