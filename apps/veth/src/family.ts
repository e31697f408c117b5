// The two families of addresses, by rtnetlink(7)'s names.
export { anywhere, familyOf, type IPFamily as Family, ipFamilies as families } from '@spider/rtnetlink';
