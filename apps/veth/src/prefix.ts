// Conversions between addresses and prefixes in text.
export { hostPrefix, withoutLength } from '@spider/rtnetlink';
