export { errno, native } from './call.ts';
export { errnoMessage, errnoName } from './errno.ts';
export { LinuxError } from './error.ts';
export * from './file.ts';
export * from './mount.ts';
export * from './namespace.ts';
export * from './process.ts';
export * from './socket.ts';
export { cString } from './string.ts';
