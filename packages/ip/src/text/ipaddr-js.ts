import ipaddr from 'ipaddr.js';

/** The package that parses text that is not canonical. */
export function ipaddrJs(): typeof ipaddr {
  return ipaddr;
}
