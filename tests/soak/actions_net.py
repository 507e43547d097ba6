# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks and named namespaces: made, changed, removed."""
import ipaddress

from act import Act, raise_twice
from model import Attachment, Network

MAX_NETWORKS, MAX_NAMESPACES = 9, 3

# (weight, driver, options); {n}: a number of its own, 1 to 250
KINDS = (
    (3, "bridge", ()),
    (2, "bridge", ("--subnet", "10.77.{n}.0/24")),
    (2, "bridge", ("--subnet", "fd77:{n}::/64")),
    (3, "bridge", ("--subnet", "10.77.{n}.0/24", "--subnet", "fd77:{n}::/64")),
    (1, "bridge", ("--ipv6",)),
    (2, "bridge", ("--internal", "--ipv6")),
    (2, "bridge", ("--open",)),
    (2, "bridge", ("--no-icc", "--ipv6")),
    (1, "bridge", ("--no-host", "--no-masquerade")),
    (1, "bridge", ("--dns-server", "--ipv6")),
    (1, "bridge", ("--label", "a=b", "--mtu", "1400")),
    (2, "ptp", ("--subnet", "10.78.{n}.0/24", "--subnet", "fd78:{n}::/64")),
    (1, "ptp", ("--subnet", "10.78.{n}.0/24", "--no-icc")),
    (1, "ptp", ("--subnet", "10.78.{n}.0/24", "--open")),
    (2, "vxlan", ("--vni", "{n}", "--subnet", "10.79.{n}.0/24", "--peer", "10.200.0.9")),
    (1, "vxlan", ("--vni", "{n}", "--subnet", "fd79:{n}::/64")),
    (2, "macvlan", ("--parent", "{parent}", "--subnet", "10.76.{n}.0/24")),
    (1, "macvlan", ("--parent", "{parent}", "--subnet", "10.76.{n}.0/24", "--mode", "private")),
)


def options(w, kind, number):
    return [word.format(n=number, parent=w.parent) for word in kind[2]]


def learn_subnets(network, shown):
    network.subnets = [(s["subnet"], s["gateway"]) for s in shown["subnets"]]


def possible(w):
    return [k for k in KINDS if w.can.get(k[1], True)
            and ("--dns-server" not in k[2] or w.can["dnsmasq"])]


def create(w, rng):
    if len(w.networks) >= MAX_NETWORKS:
        return None
    kinds = possible(w)
    kind = rng.choices(kinds, [k[0] for k in kinds])[0]
    name = w.fresh("net")
    args = options(w, kind, int(name[3:]) % 250 + 1)
    network = Network(name, kind[1], args)

    def done(results):
        learn_subnets(network, results[-1].json()[0])
        w.networks[name] = network

    made = ["ctnet", "create", name, "--driver", kind[1], *args]
    if rng.random() < 0.1:
        # Of two that ask for one name, one has it.
        def once(results):
            if sorted(r.status for r in results) != [0, 1]:
                raise_twice(results)
            shown = w.host.ask("ctnet", "inspect", "-j", name)
            learn_subnets(network, shown[0])
            w.networks[name] = network
        return Act(made, made, together=True, want=(0, 1), done=once, uses=["new networks"])
    # Subnets that are chosen are chosen under the lock, so others may be made meanwhile.
    return Act(made, ["ctnet", "inspect", "-j", name], uses=["new networks"], done=done)


def remove(w, rng):
    free = [n for n in w.networks.values() if not n.kept and not w.members(n)]
    if not free or len(w.networks) < 4:
        return None
    network = rng.choice(free)
    return Act(["ctnet", "rm", network.name], touches=[network],
               done=lambda _: w.networks.pop(network.name))


def remove_busy(w, rng):
    """One that has containers is refused."""
    busy = [n for n in w.networks.values() if any(c.alive for c, _ in w.members(n))]
    if not busy:
        return None
    network = rng.choice(busy)
    holders = [c for c, _ in w.members(network)]
    return Act(["ctnet", "rm", network.name], want=(1,), uses=[network, *holders])


def remove_force(w, rng):
    """With -f its containers go on without it, and without the ports that led there."""
    busy = [n for n in w.networks.values() if not n.kept and w.members(n)
            and not any(c.kept or c.join == "lab" for c, _ in w.members(n))]
    if not busy or len(w.networks) < 4:
        return None
    network = rng.choice(busy)
    holders = [c for c, _ in w.members(network)]

    def done(_):
        for c, a in w.members(network):
            drop(c, a)
        w.networks.pop(network.name)

    return Act(["ctnet", "rm", "-f", network.name], touches=[network, *holders], done=done)


def drop(container, attachment):
    container.attachments.remove(attachment)
    container.ports = [p for p in container.ports if p.to is not attachment]


def prune(w, _rng):
    """All that nobody is on, but for those that are kept."""
    idle = [n for n in w.networks.values() if not n.kept and not w.members(n)]

    def done(_):
        for network in idle:
            w.networks.pop(network.name)

    return Act(["ctnet", "prune", "-f", "--filter", "label!=keep"],
               touches=[*w.networks.values(), "new networks"], done=done)


# ---- connect, disconnect --------------------------------------------------------

def first_free(container):
    taken = {a.ifname for a in container.attachments}
    return next(f"eth{i}" for i in range(99) if f"eth{i}" not in taken)


def spare_address(w, network, rng):
    """One that nobody has, of the last hosts of a subnet, which are not chosen by themselves."""
    subnets = [ipaddress.ip_network(s) for s, _ in network.subnets]
    taken = {ip for _, a in w.members(network) for v in (4, 6) for ip in a.ips(v)}
    subnet = rng.choice(subnets)
    found = str(subnet[200 + rng.randrange(40)])
    return None if found in taken else ("ip" if subnet.version == 4 else "ip6", found)


def attach_words(w, rng, network, attachment):
    """Options that both connect and --net have, as (key, value)."""
    words = []
    if rng.random() < 0.25:
        asked = spare_address(w, network, rng)
        words += [asked] if asked else []
    if rng.random() < 0.2 and network.filtered:
        attachment.rate_in, attachment.rate_out = 20000000, 10000000
        words += [("rate-in", "20mbit"), ("rate-out", "10mbit")]
    return words


def connectable(w):
    alive = [c for c in w.containers.values() if c.running and c.join is None]
    return alive + list(w.namespaces.values())


def connect(w, rng):
    targets = [c for c in connectable(w) if len(c.attachments) < 4]
    networks = [n for n in w.networks.values() if len(w.members(n)) < n.room()]
    if not targets or not networks:
        return None
    c, network = rng.choice(targets), rng.choice(networks)
    if network.driver == "ptp" and c.on(network):
        return None  # the way to its gateway is taken: refused
    a = Attachment(network, first_free(c), c.name)
    words = []
    for key, value in attach_words(w, rng, network, a):
        words += [f"--{key}", value]

    def done(_):
        c.attachments.append(a)

    # Two at once on one network could ask for the same address.
    shared = {"touches": [c, network]} if words else {"touches": [c], "uses": [network]}
    return Act(["ctnet", "connect", *words, network.name, c.address_word], done=done, **shared)


def disconnect(w, rng):
    targets = [c for c in connectable(w) if c.attachments and not c.kept]
    if not targets:
        return None
    c = rng.choice(targets)
    a = rng.choice(c.attachments)
    words = ["--ifname", a.ifname] if len(c.on(a.network)) > 1 or rng.random() < 0.3 else []
    return Act(["ctnet", "disconnect", *words, a.network.name, c.address_word],
               touches=[c], uses=[a.network], done=lambda _: drop(c, a))


def disconnect_absent(w, rng):
    """From a network that it is not on: an error, and with -f none."""
    pairs = [(c, n) for c in connectable(w) for n in w.networks.values() if not c.on(n)]
    if not pairs:
        return None
    c, network = rng.choice(pairs)
    force = rng.random() < 0.5
    return Act(["ctnet", "disconnect", *(["-f"] if force else []), network.name, c.address_word],
               want=(0,) if force else (1,), touches=[c], uses=[network])


# ---- namespaces ------------------------------------------------------------------

class Namespace:
    """One of ctnet ns: what is connected to it is like a container."""

    kept, running, alive, join = False, True, True, "ns"

    def __init__(self, name):
        self.name, self.attachments, self.ports = name, [], []
        self.address_word = self.id = f"ns:{name}"

    def on(self, network):
        return [a for a in self.attachments if a.network is network]


def ns_add(w, _rng):
    if len(w.namespaces) >= MAX_NAMESPACES:
        return None
    ns = Namespace(w.fresh("ns"))
    return Act(["ctnet", "ns", "add", ns.name],
               done=lambda _: w.namespaces.update({ns.name: ns}))


def ns_rm(w, rng):
    if not w.namespaces:
        return None
    ns = rng.choice(list(w.namespaces.values()))
    if any(c.join is ns for c in w.containers.values()):
        return None
    return Act(["ctnet", "ns", "rm", ns.name], touches=[ns],
               done=lambda _: w.namespaces.pop(ns.name))


def ns_exec(w, rng):
    if not w.namespaces:
        return None
    ns = rng.choice(list(w.namespaces.values()))
    return Act(["ctnet", "ns", "exec", ns.name, "ip", "link", "show", "lo"], uses=[ns])


# ---- looks, which change nothing ----------------------------------------------------

def look(w, rng):
    network = rng.choice(list(w.networks.values()))
    words = rng.choice((["ctnet", "gc"], ["ctnet", "ls", "-j"], ["ctnet", "doctor", "-q"],
                        ["ctnet", "reload"], ["ct", "ps"], ["ctlab", "ls"],
                        ["ctnet", "inspect", network.name]))
    # The doctor may find something.
    return Act(words, want=(0, 1) if "doctor" in words else (0,), uses=[network])


ACTIONS = (
    (8, create), (3, remove), (1, remove_busy), (2, remove_force), (1, prune),
    (9, connect), (7, disconnect), (1, disconnect_absent),
    (2, ns_add), (2, ns_rm), (1, ns_exec), (2, look),
)
