/** Why a pod may have no pair of ours. */
export const unattached = 'veth attached none of its interfaces, or somebody removed the pair';
