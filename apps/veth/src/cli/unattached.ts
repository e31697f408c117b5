/** Why a pod may be without a pair of ours. */
export const unattached = 'veth attached none of its interfaces, or somebody removed the pair';
