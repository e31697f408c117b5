export { type Answer, fakeKernel, type Handler } from './fake-kernel.ts';
export type { Refusal, Sent } from './reply.ts';
