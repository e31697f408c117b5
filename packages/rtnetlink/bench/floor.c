/* floor COUNT: dumps the IPv4 routes COUNT times, walks over their attributes, and prints milliseconds, one line each. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static char buffer[65536] __attribute__((aligned(8)));
volatile unsigned long sum;

int main(int argc, char **argv) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  for (int round = argc > 1 ? atoi(argv[1]) : 1; round > 0; round--) {
    struct { struct nlmsghdr header; struct rtmsg route; } request = {
      .header = { sizeof request, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, .route = { .rtm_family = AF_INET } };
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    if (send(fd, &request, sizeof request, 0) < 0) return 1;
    for (int done = 0; !done;) {
      int length = recv(fd, buffer, sizeof buffer, 0);
      if (length < 0) return 1;
      for (struct nlmsghdr *message = (void *)buffer; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
        if ((done = message->nlmsg_type == NLMSG_DONE)) break;
        int left = RTM_PAYLOAD(message);
        for (struct rtattr *attribute = RTM_RTA(NLMSG_DATA(message)); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
          sum += attribute->rta_type + *(unsigned *)RTA_DATA(attribute);
      }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.3f\n", (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6);
  }
  return 0;
}
