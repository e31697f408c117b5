// vitest's pool of forks calls ref and unref of the channel of child_process, which Bun does not have.
import { EventEmitter } from 'node:events';

EventEmitter.prototype.ref ??= function ref() {};
EventEmitter.prototype.unref ??= function unref() {};
