/** Returns when the process is told to end. The first process of a container has to listen, or it is not told. */
export async function untilToldToEnd(): Promise<void> {
  // A signal that may come keeps no process running; a timer does.
  const alive = setInterval(() => {}, 0x7fff_ffff);
  await new Promise(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, resolve);
  });
  clearInterval(alive);
}
