# Dumps the IPv4 routes with pyroute2 and prints milliseconds.
import socket
import sys
import time

from pyroute2 import IPRoute

with IPRoute() as ip:
    for _ in range(int(sys.argv[1])):
        start = time.perf_counter()
        for route in ip.get_routes(family=socket.AF_INET):
            route.get_attr('RTA_DST'), route.get_attr('RTA_GATEWAY'), route.get_attr('RTA_OIF')
        print((time.perf_counter() - start) * 1e3)
