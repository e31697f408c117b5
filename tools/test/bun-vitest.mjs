// Bun's child_process channel lacks ref and unref, which vitest's pool of forks calls.
import { EventEmitter } from 'node:events';

EventEmitter.prototype.ref ??= function ref() {};
EventEmitter.prototype.unref ??= function unref() {};
