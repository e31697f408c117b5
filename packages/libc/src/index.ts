export { errnoMessage, errnoName } from './errno.ts';
export { LinuxError } from './error.ts';
export * from './file.ts';
export * from './mount.ts';
export * from './namespace.ts';
export * from './process.ts';
export * from './socket.ts';
export { type CString, cString } from './string.ts';
