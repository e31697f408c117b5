// For SPIDER_NL_DEBUG=1: one line to standard error for each message, `>` for a request and `<` for a reply.
import type { Batch } from './batch.ts';
import { describe } from './errors.ts';
import { readError } from './extack.ts';
import {
  headerSize,
  NLM_F_DUMP_FILTERED,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_MIN_TYPE,
} from './protocol.ts';
import type { Reply } from './replies.ts';

/** Prints the requests from `from` up to `to`, as they are in the bytes of the batch. */
export function traceSend(batch: Batch, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const { operation, message } = batch.requests[index]!;
    const { memory, start, end } = batch.message(index);
    const object = message.read(memory, start + headerSize, end);
    print('>', batch.sequence + index, `${operation} ${describe(object)}`, end - start);
  }
}

/** Prints a message that arrived while answers to the batch were awaited. */
export function traceReply(reply: Reply, batch: Batch): void {
  const { memory, type, flags, sequence, payload, end } = reply;
  const index = sequence - batch.sequence;
  const request = batch.requests[index];
  let text = `type ${type}, an answer to nobody`;
  if (request && (type === NLMSG_ERROR || type === NLMSG_DONE)) {
    const error = readError(reply, request, batch.message(index));
    text = error?.message ?? `${request.operation} ${type === NLMSG_DONE ? 'done' : 'acknowledged'}`;
  } else if (request && type >= NLMSG_MIN_TYPE)
    text = `${request.message.kind} ${describe(request.message.read(memory, payload, end))}`;
  if (flags & NLM_F_DUMP_INTR) text += ' [interrupted]';
  if (type >= NLMSG_MIN_TYPE && flags & NLM_F_DUMP_FILTERED) text += ' [filtered]';
  print('<', sequence, text, end - payload + headerSize);
}

function print(direction: string, sequence: number, text: string, bytes: number): void {
  console.error(`netlink ${direction} ${sequence} ${text} (${bytes} bytes)`);
}
