// The error numbers that this package handles, errno(3).
export const ENOENT = 2;
export const ESRCH = 3;
export const EAGAIN = 11;
export const ENODEV = 19;
export const EBADMSG = 74;
export const EMSGSIZE = 90;
export const ENETUNREACH = 101;
export const ENOBUFS = 105;
export const ECANCELED = 125;
