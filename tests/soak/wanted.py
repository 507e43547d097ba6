# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the firewall's sets ought to hold, worked out from the model alone: a second opinion
on what the program derives from its records.
"""
import ipaddress


def link_local(mac):
    """RFC 4291, appendix A."""
    m = [int(b, 16) for b in mac.split(":")]
    eui = [m[0] ^ 2, m[1], m[2], 0xFF, 0xFE, m[3], m[4], m[5]]
    return str(ipaddress.IPv6Address(bytes([0xFE, 0x80] + [0] * 6 + eui)))


def owner(holder):
    """In a comment: the id, or what stands for a namespace."""
    return holder.id.replace("ns:", "ns-")


class Wanted:
    """Sets by name, each a sorted list of "key | comment" or "key : data | comment"."""

    def __init__(self, world):
        self.sets = {}
        for network in world.networks.values():
            if network.filtered:
                self.network(network)
        for holder, attachment in world.attachments():
            if attachment.network.filtered:
                self.link(holder, attachment)
        for holder in world.holders():
            for port in holder.ports:
                self.port(holder, port)
        self.sets = {name: sorted(elements) for name, elements in self.sets.items()}

    def add(self, name, key, comment):
        self.sets.setdefault(name, []).append(f"{key} | ctnet:{comment}")

    def place(self, network, ifname, comment, suffix=""):
        """What a network may do, by the name of its bridge or of a link."""
        if not network.internal:
            self.add("routed", ifname, comment)
        if network.has("--open") and not network.internal:
            self.add("open", ifname, comment)
        if not network.has("--no-host") and not network.internal:
            self.add("host", ifname, comment)

    def subnets(self, network, name, ifname, comment):
        """name4 and name6: the interface with each subnet."""
        for subnet, _ in network.subnets:
            self.add(name + family(subnet), f"{ifname} . {subnet}", comment)

    def network(self, network):
        n = network.name
        if not network.internal and not network.has("--no-masquerade"):
            for subnet, _ in network.subnets:
                self.add("masq" + family(subnet), subnet, n)
        if network.driver == "ptp":
            return
        self.add("icc" if network.icc else "no_icc", f"{n} . {n}", n)
        self.place(network, n, n)
        self.subnets(network, "own", n, n)

    def link(self, holder, a):
        n, who, dev = a.network, owner(holder), a.host_ifname
        addresses = a.ips(4) + a.ips(6) + [link_local(a.mac)]
        if n.driver == "ptp":
            self.add("ptp", dev, who)
            self.place(n, dev, who)
            self.subnets(n, "icc" if n.icc else "no_icc", dev, who)
            for ip in addresses:
                self.add("link" + family(ip), f"{dev} . {ip}", who)
            return
        self.add("port_mac", f"{dev} . {a.mac}", who)
        for ip in addresses:
            self.add("port_ip" + family(ip), f"{dev} . {a.mac} . {ip}", who)

    def port(self, container, port):
        for version in (4, 6):
            for to in port.to.ips(version)[:1]:
                if not port.host_ip or ipaddress.ip_address(port.host_ip).version == version:
                    self.mapped(container, port, version, to)

    def mapped(self, container, port, version, to):
        count = port.last - port.first + 1
        if port.host_ip:
            for i in range(count):
                self.add(f"p{version}ip", f"{port.host_ip} . {port.proto} . {port.first + i} : "
                         f"{to} . {port.inside + i}", container.id)
        elif count > 1 and port.inside == port.first:
            self.add(f"p{version}rng", f"{port.proto} . {port.first}-{port.last} : {to}",
                     container.id)
        else:
            for i in range(count):
                self.add(f"p{version}any", f"{port.proto} . {port.first + i} : "
                         f"{to} . {port.inside + i}", container.id)


def family(text):
    return "6" if ":" in text else "4"


# ---- what nft prints, in the same words ------------------------------------------------

PROTOCOLS = {6: "tcp", 17: "udp"}


def value_text(value):
    if isinstance(value, dict):
        kind, inner = next(iter(value.items()))
        if kind == "concat":
            return " . ".join(value_text(v) for v in inner)
        if kind == "prefix":
            return f"{inner['addr']}/{inner['len']}"
        if kind == "range":
            return f"{value_text(inner[0])}-{value_text(inner[1])}"
        return str(value)
    return PROTOCOLS.get(value, str(value)) if isinstance(value, int) and value in (6, 17) \
        else str(value)


def element_text(element):
    """An element of a set, or [element, data] of a map."""
    data = None
    if isinstance(element, list):
        element, data = element
    inner = element.get("elem", element) if isinstance(element, dict) else element
    comment = ""
    if isinstance(inner, dict) and "val" in inner:
        comment, inner = inner.get("comment", ""), inner["val"]
    text = value_text(inner)
    if data is not None:
        text += f" : {value_text(data)}"
    return f"{text} | {comment}"


def sets_of(listing):
    """The elements of each set and map of nft -j list table."""
    found = {}
    for item in listing["nftables"]:
        kind = "set" if "set" in item else "map"
        body = item.get(kind)
        if body and body.get("elem"):
            found[body["name"]] = sorted(element_text(e) for e in body["elem"])
    return found
