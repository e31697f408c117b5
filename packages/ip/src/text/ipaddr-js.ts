import ipaddr from 'ipaddr.js';

/** The package that reads what is not canonical. */
export function ipaddrJs(): typeof ipaddr {
  return ipaddr;
}
