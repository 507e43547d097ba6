# SPDX-License-Identifier: GPL-2.0-or-later
"""Samples of what gets through, and of what must not: the counterpart of sets and records."""
import random
import socket

from host import Violation

GRACE = 10  # seconds for what must be answered


def pinged(w, c, target, wait=1):
    """One echo from a container, by its own ping."""
    return w.host.run("ct", "exec", c.name, "ping", "-c", "1", "-W", str(wait), target).status == 0


def must(w, what, look):
    """look() comes true; a machine that does much else may take its time."""
    if w.host.until(GRACE, lambda: not look()):
        raise Violation(what, [f"  {line}" for line in evidence(w)])


def evidence(w):
    lines = []
    for words in (["ip", "-br", "link"], ["ip", "route"], ["ip", "neigh"]):
        lines += w.host.run(*words).out.splitlines()
    return lines


def pairs(w, good):
    """Two running members of one network, for which good(network). One that is on it twice has
    two ways into one subnet and answers by the first, with an address that is not that one's."""
    found = []
    for network in w.networks.values():
        here = [(c, a) for c, a in w.members(network)
                if c.running and c.join is None and len(c.on(network)) == 1]
        if len(here) > 1 and good(network):
            found.append((network, here))
    return found


def of_same_network(w, rng):
    """Members of a network reach each other, by address and by name."""
    found = pairs(w, lambda n: n.icc and not n.has("private"))
    if not found:
        return
    _, here = rng.choice(found)
    (a, _), (b, on) = rng.sample(here, 2)
    if a is b:
        return
    ip = rng.choice(on.ips(4) + on.ips(6))
    must(w, f"{a.name} does not reach {b.name} at {ip}", lambda: pinged(w, a, ip))
    if rng.random() < 0.3 and on.name != b.id:
        must(w, f"{a.name} does not reach {b.name} as {on.name}", lambda: pinged(w, a, on.name))


def kept_apart(w, rng):
    """Members of a network without icc do not reach each other."""
    found = pairs(w, lambda n: not n.icc)
    if not found:
        return
    network, here = rng.choice(found)
    (a, _), (b, on) = rng.sample(here, 2)
    shared = {x.network for x in a.attachments} & {x.network for x in b.attachments} - {network}
    if a is not b and not shared:
        refuse(w, a, b, rng.choice(on.ips(4) + on.ips(6)))


def of_two_networks(w, rng):
    """Networks that are not open are closed to each other."""
    ends = [(c, a) for c, a in w.attachments() if c.running and c.join is None
            and len(c.on(a.network)) == 1]
    if len(ends) < 2:
        return
    (a, _), (b, on) = rng.sample(ends, 2)
    mine = {x.network for x in a.attachments}
    if on.network in mine or on.network.has("--open") or not on.network.filtered:
        return
    if any(not n.filtered for n in mine):
        return  # its packets may never meet the host's firewall
    refuse(w, a, b, rng.choice(on.ips(4) + on.ips(6)))


def refuse(w, a, b, ip):
    """Whether it would be there at all is asked of b itself."""
    must(w, f"{b.name} does not have its own {ip}", lambda: pinged(w, b, ip))
    if pinged(w, a, ip):
        raise Violation(f"{a.name} reaches {b.name} at {ip}, which is closed to it", evidence(w))


def answer(address, port):
    """What an HTTP server says."""
    try:
        with socket.create_connection((address, port), 3) as s:
            s.sendall(b"GET / HTTP/1.0\r\n\r\n")
            said = b""
            while piece := s.recv(4096):
                said += piece
    except OSError as failed:
        return str(failed)
    return said.decode(errors="replace").rpartition("\r\n\r\n")[2].strip()


def published(w, rng):
    """A published port is answered by the one who published it."""
    found = [(c, p) for c in w.containers.values() if c.running and c.serves
             for p in c.ports if p.proto == "tcp" and p.inside == 80]
    if not found:
        return
    c, port = rng.choice(found)
    addresses = [port.host_ip or "127.0.0.1"] if port.to.ips(4) else []
    if port.to.ips(6) and not port.host_ip:
        addresses.append("::1")
    said = [None]

    def right():
        said[0] = answer(address, port.first)
        return said[0] == c.token

    for address in addresses:
        must(w, f"{address} port {port.first} is {c.name}'s ({c.token})", right)


def unpublished(w, _rng):
    """A port that nobody publishes is nobody's."""
    last = w.numbers.get("port", 0)
    taken = {p.first + i for c in w.holders() for p in c.ports
             for i in range(p.last - p.first + 1)}
    first = 20000 + last * 4 % 10000
    if not last or first in taken:
        return
    said = answer("127.0.0.1", first)
    if "refused" not in said:
        raise Violation(f"port {first} of nobody: {said}")


def in_lab(w, rng):
    """Over a wire of a lab that is up and loses nothing."""
    found = [(lab, x) for lab in w.labs.values() for x in lab.stitched()
             if lab.link_state(x) == "up" and not any("loss" in i for i in x.impairments.values())]
    found = [(lab, x) for lab, x in found if all(address_of(lab, e) for e in x.ends)]
    if not found:
        return
    lab, link = rng.choice(found)
    a, b = rng.sample(link.ends, 2)
    ip = address_of(lab, b)
    must(w, f"lab {lab.name}: {a} does not reach {b} at {ip}", lambda: w.host.run(
        "ctlab", "exec", lab.name, a.partition(":")[0], "ping", "-c", "1", "-W", "1",
        ip).status == 0)


def address_of(lab, end):
    node, _, ifname = end.partition(":")
    addresses = lab.interfaces.get(node, {}).get(ifname) or ()
    return next((a.partition("/")[0] for a in addresses), None)


SAMPLES = (of_same_network, kept_apart, of_two_networks, published, unpublished, in_lab,
           published, of_same_network, published, in_lab)


def sample(w):
    """One of them after each step, in turn; who asks whom is drawn."""
    SAMPLES[w.step % len(SAMPLES)](w, random.Random(f"reach {w.seed} {w.step}"))
