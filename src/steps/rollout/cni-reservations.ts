/** Where the CNI plug-in host-local keeps which address is whose (its documentation, "dataDir"). */
export const cniReservations = '/var/lib/cni/networks'
