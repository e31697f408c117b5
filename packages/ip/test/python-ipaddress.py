"""Answers questions with Python's ipaddress module: [[question, argument, ...], ...] in, [answer, ...] out, in JSON."""

import ipaddress
import json
import sys


def address(text):
    try:
        value = ipaddress.ip_address(text)
    except ValueError:
        return None
    return {
        "text": str(value),
        "bytes": list(value.packed),
        "isLinkLocal": value.is_link_local,
        "isLoopback": value.is_loopback,
        "isMulticast": value.is_multicast,
        "isUnspecified": value.is_unspecified,
    }


def prefix(text):
    try:
        value = ipaddress.ip_network(text)
    except ValueError:
        return None
    return {
        "first": str(value[0]),
        "last": str(value[-1]),
        "mask": str(value.netmask),
        "parent": str(value.supernet()) if value.prefixlen else None,
    }


def pair(first, second):
    a, b = ipaddress.ip_network(first), ipaddress.ip_network(second)
    return {"contains": a.supernet_of(b), "overlaps": a.overlaps(b), "order": (a > b) - (a < b)}


def hosts(text):
    values = list(ipaddress.ip_network(text).hosts())
    return [str(values[0]), str(values[-1])]


def subnets(text, length):
    return texts(ipaddress.ip_network(text).subnets(new_prefix=length))


def summarize(first, last):
    return texts(ipaddress.summarize_address_range(ipaddress.ip_address(first), ipaddress.ip_address(last)))


def collapse(*prefixes):
    return texts(ipaddress.collapse_addresses(map(ipaddress.ip_network, prefixes)))


def exclude(whole, part):
    return texts(sorted(ipaddress.ip_network(whole).address_exclude(ipaddress.ip_network(part))))


def texts(values):
    return [str(value) for value in values]


questions = {f.__name__: f for f in (address, prefix, pair, hosts, subnets, summarize, collapse, exclude)}
json.dump([questions[name](*arguments) for name, *arguments in json.load(sys.stdin)], sys.stdout)
