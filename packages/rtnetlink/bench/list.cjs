// Dumps the IPv4 routes with the npm package `netlink` and prints milliseconds.
const { createRtNetlink } = require('netlink');

const AF_INET = 2;
const socket = createRtNetlink();

(async () => {
  let sum = 0;
  for (let i = 0; i < Number(process.argv[2]); i++) {
    const start = performance.now();
    for (const { data, attrs } of await socket.getRoutes({ family: AF_INET }))
      sum += (attrs.dst?.length ?? 0) + (attrs.gateway?.length ?? 0) + (attrs.oif ?? 0) + (data.table ?? 0);
    console.log(`${performance.now() - start}`);
  }
  if (sum < 0) console.log(sum);
  process.exit();
})();
