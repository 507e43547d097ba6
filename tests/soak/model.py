# SPDX-License-Identifier: GPL-2.0-or-later
"""
What should be there. Actions change it, and nothing else does: what the program says is
compared with it and never copied into it, but for what the program may choose, which is
learned once (addresses, ids) and must stay.
"""
import ipaddress


class Network:
    """A network as it was asked for, and the subnets that it got."""

    def __init__(self, name, driver, args):
        self.name, self.driver, self.args = name, driver, args
        self.subnets = []  # (subnet, gateway or None), learned
        self.kept = False

    def has(self, flag):
        return flag in self.args

    @property
    def internal(self):
        return self.has("--internal")

    @property
    def icc(self):
        return not self.has("--no-icc")

    @property
    def filtered(self):
        """Has its place in the firewall; the others do not pass the host."""
        return self.driver in ("bridge", "vxlan", "ptp")

    @property
    def bridged(self):
        return self.driver in ("bridge", "vxlan")

    def room(self):
        return 1 if self.has("passthru") else 200


class Attachment:
    """An interface of a container on a network."""

    def __init__(self, network, ifname, name):
        self.network, self.ifname = network, ifname
        self.name = name  # the container's, at the time: a rename does not reach it
        self.host_ifname, self.mac, self.addresses = None, None, None  # learned
        self.rate_in = self.rate_out = 0

    def ips(self, family):
        found = (ipaddress.ip_interface(a).ip for a in self.addresses or ())
        return [str(a) for a in found if a.version == family]


class Port:
    """What one word published; it leads to an attachment."""

    def __init__(self, word, proto, host_ip, first, last, inside, to):
        self.word, self.proto, self.host_ip = word, proto, host_ip
        self.first, self.last, self.inside, self.to = first, last, inside, to

    def shown(self):
        """As ct ps -j has them: one a port."""
        return [(self.host_ip, self.first + i, self.inside + i, self.proto)
                for i in range(self.last - self.first + 1)]


class Container:
    """A detached one, that runs or has exited."""

    def __init__(self, name):
        self.name, self.token = name, name  # the token stays: its server answers with it
        self.id = None
        self.status, self.exit_code = "running", None
        self.attachments, self.ports = [], []
        self.join = None  # the network namespace it has of somebody else
        self.auto_remove, self.restart = False, "no"
        self.limits, self.born = {}, ([], [], {})
        self.serves, self.trap, self.userns = False, False, False
        self.kept = False  # lives through the whole run
        self.volume = None

    @property
    def address_word(self):
        return self.name

    @property
    def running(self):
        return self.status == "running"

    @property
    def alive(self):
        return self.status in ("running", "paused")

    def is_born(self):
        """As it is now it begins anew, whenever it is started again."""
        self.born = (list(self.attachments), list(self.ports), dict(self.limits))

    def restarted(self):
        """What came later has gone with its namespaces."""
        self.attachments, self.ports, self.limits = list(self.born[0]), list(self.born[1]), dict(
            self.born[2])

    def ended(self, exit_code):
        """For good, whatever its policy was."""
        self.status, self.exit_code = "exited", exit_code
        self.attachments, self.ports = [], []

    def on(self, network):
        return [a for a in self.attachments if a.network is network]


class Link:
    """A wire of a lab."""

    def __init__(self, o):
        self.name, self.ends, self.wire = o["name"], o["ends"], o["wire"]
        self.up = not o["down"]
        self.impairments = {way: dict(o["impairments"][way]) for way in ("ab", "ba")}

    def nodes(self):
        return [end.partition(":")[0] for end in self.ends]


class Lab:
    """
    A lab that is up; what its file says and what was done by hand since. With an uplink it is on
    a network like a container.
    """

    running, alive, join = True, True, "lab"

    def __init__(self, name, path):
        self.name, self.path = name, path
        self.attachments, self.ports, self.id = [], [], None  # of the uplink
        self.pid = None  # of the supervisor, learned
        self.nodes, self.links, self.kept = {}, {}, False
        self.interfaces, self.by_hand, self.text = {}, False, None

    def on(self, network):
        return [a for a in self.attachments if a.network is network]

    def load(self, expanded):
        """The file is what is there, nothing else."""
        self.nodes = {n["name"]: "running" for n in expanded["nodes"]}
        self.kinds = {n["name"]: n["kind"] for n in expanded["nodes"]}
        self.interfaces = {n["name"]: {i["ifname"]: sorted(i["addresses"])
                                       for i in n["interfaces"]} for n in expanded["nodes"]}
        self.links = {o["name"]: Link(o) for o in expanded["links"]}
        self.by_hand = False

    def link_state(self, link):
        if not link.up:
            return "down"
        return "up" if all(self.nodes[n] == "running" for n in link.nodes()) else "absent"

    def stitched(self):
        """Wires that can be cut and impaired."""
        return [x for x in self.links.values() if x.wire != "direct"
                and all(self.kinds[n] != "switch" for n in x.nodes())]


class World:
    """All of it."""

    def __init__(self, host, rootfs):
        self.host, self.rootfs = host, rootfs
        self.networks, self.containers, self.labs, self.namespaces = {}, {}, {}, {}
        self.numbers = {}
        self.parent = None  # a link for macvlan
        self.can = {}  # what this kernel has

    def fresh(self, prefix):
        """A name that nothing had before."""
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return f"{prefix}{self.numbers[prefix]}"

    def holders(self):
        """Whoever may be on a network: containers, named namespaces, labs."""
        return [*self.containers.values(), *self.namespaces.values(), *self.labs.values()]

    def members(self, network):
        """(holder, attachment) of all on it."""
        return [(c, a) for c in self.holders() for a in c.on(network)]

    def attachments(self):
        return [(c, a) for c in self.holders() for a in c.attachments]

    def forget(self, container):
        self.containers.pop(container.name, None)

    def ended(self, container, exit_code):
        """A container that has ended, by whatever hand."""
        if container.auto_remove:
            self.forget(container)
        container.ended(exit_code)
