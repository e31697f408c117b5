/** The plugin's own error codes (SPEC section 5: plugins may use 100 and above). */
export const Code = {
  /** The kernel refused a part of the plan; everything was undone. */
  KernelRefused: 100,
  /** CHECK: an object is missing, or differs from what ADD makes. */
  Differs: 101,
  /** Another link has the name of the pair's pod end or host end. */
  NameTaken: 102,
  /** The node, another pod, or another host on the link has the pod's address. */
  AddressConflict: 103,
} as const;
