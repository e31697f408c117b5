/** Resolves on SIGTERM or SIGINT. The first process of a container gets neither unless it has a handler. */
export async function untilTerminated(): Promise<void> {
  // A signal handler does not keep the process running; a timer does.
  const keepAlive = setInterval(() => {}, 0x7fff_ffff);
  await new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve);
  });
  clearInterval(keepAlive);
}
