# SPDX-License-Identifier: GPL-2.0-or-later
"""
What must hold after each step: what was asked for, what the program says, what is on disk
and what the kernel has are the same. Each is a function of the world that returns lines,
none if all is well; what dies or comes in its own time is looked at until it has.
"""
import glob
import ipaddress
import os

import host as files
from host import ROOT, Violation
from wanted import Wanted, owner, sets_of


def differ(what, want, found):
    """Lines for what is in one and not in the other."""
    want, found = sorted(map(str, want)), sorted(map(str, found))
    lines = [f"{what}: missing: {x}" for x in want if want.count(x) > found.count(x)]
    return lines + [f"{what}: nobody's: {x}" for x in found if found.count(x) > want.count(x)]


# ---- learning what the program chose ------------------------------------------------

def learn(w):
    """Addresses and names of links, where the program may choose: once, and they must be right."""
    if all(a.addresses is not None for _, a in w.attachments()):
        return []
    shown = {n["name"]: n for n in w.host.ask("ctnet", "ls", "-j")}
    lines = []
    for holder, a in w.attachments():
        if a.addresses is None:
            lines += learn_one(shown.get(a.network.name, {}), holder, a)
    return lines + twice(w)


def learn_one(network, holder, a):
    mine = [c for c in network.get("containers", ()) if c["ifname"] == a.ifname
            and (c["id"] == holder.id if holder.id else c["name"] == a.name)]
    if len(mine) != 1:
        return [f"ctnet ls: {holder.name} {a.ifname} on {a.network.name}: {len(mine)} times"]
    subnets = [ipaddress.ip_network(s) for s, _ in a.network.subnets]
    found = [ipaddress.ip_interface(x) for x in mine[0]["addresses"]]
    families = {s.version for s in subnets}
    if {x.version for x in found} != families or len(found) != len(families):
        return [f"{holder.name} {a.ifname}: families of {mine[0]['addresses']}"]
    if not all(any(x.version == s.version and x.ip in s for s in subnets) for x in found):
        return [f"{holder.name} {a.ifname}: {mine[0]['addresses']} in no subnet"]
    a.addresses, a.mac = mine[0]["addresses"], mine[0]["mac"]
    a.host_ifname, holder.id = mine[0]["host_ifname"], mine[0]["id"]
    return []


def twice(w):
    """Two that have one address."""
    seen, lines = {}, []
    for holder, a in w.attachments():
        for ip in a.addresses or ():
            key = (a.network.name, ip)
            if key in seen:
                lines.append(f"{ip} of {a.network.name}: {seen[key]} and {holder.name}")
            seen[key] = holder.name
    return lines


# ---- what the program says -----------------------------------------------------------

def said_networks(w):
    """ctnet ls."""
    found = {n["name"]: n for n in w.host.ask("ctnet", "ls", "-j")}
    lines = differ("ctnet ls", w.networks, found)
    for name in set(found) & set(w.networks):
        network, shown = w.networks[name], found[name]
        want = (network.driver, network.internal, network.icc, network.has("--open"),
                network.subnets)
        got = (shown["driver"], shown["internal"], shown["icc"], shown["open"],
               [(s["subnet"], s["gateway"]) for s in shown["subnets"]])
        if want != got:
            lines.append(f"ctnet ls: {name}: {want} asked for, {got} shown")
        lines += differ(f"ctnet ls: {name}",
                        [shown_attachment(c.id, a) for c, a in w.members(network)],
                        [(c["id"], c["name"] if c["id"][:3] != "ns:" else "ns", c["ifname"],
                          c["host_ifname"], c["mac"], c["addresses"], c["rate_in"], c["rate_out"])
                         for c in shown["containers"]])
        leased = sum(s["leased"] for s in shown["subnets"])
        held = sum(len(a.addresses) for _, a in w.members(network))
        if leased != held:
            lines.append(f"ctnet ls: {name}: {leased} addresses leased, {held} held")
    return lines


def shown_attachment(ident, a):
    name = a.name if ident[:3] != "ns:" else "ns"
    return (ident, name, a.ifname, a.host_ifname, a.mac, a.addresses, a.rate_in, a.rate_out)


def said_containers(w):
    """ct ps."""
    found = {c["name"]: c for c in w.host.ask("ct", "ps", "-j")}
    lines = differ("ct ps", w.containers, found)
    for name in set(found) & set(w.containers):
        c, shown = w.containers[name], found[name]
        want = (c.id, c.status, c.exit_code)
        got = (shown["id"], shown["status"], shown["exit_code"])
        if want != got:
            lines.append(f"ct ps: {name}: {want} expected, {got} shown")
        lines += differ(f"ct ps: {name}", [(a.network.name, a.ifname, a.mac, a.addresses)
                                           for a in c.attachments],
                        [(n["network"], n["ifname"], n["mac"], n["addresses"])
                         for n in shown["networks"]])
        lines += differ(f"ct ps: {name}: ports", [x for p in c.ports for x in p.shown()],
                        [(p["host_ip"] or "", p["host_port"], p["port"], p["protocol"])
                         for p in shown["ports"]])
    return lines


def said_labs(w):
    """ctlab ls."""
    found = {x["name"]: x for x in w.host.ask("ctlab", "ls", "-j")}
    lines = differ("ctlab ls", w.labs, found)
    for name in set(found) & set(w.labs):
        lab, shown = w.labs[name], found[name]
        lab.pid = lab.pid or shown["pid"]
        want, got = ("running", len(lab.nodes), lab.pid), (shown["state"], shown["nodes"],
                                                           shown["pid"])
        if want != got:
            lines.append(f"ctlab ls: {name}: {want} expected, {got} shown")
    return lines


def said_lab_status(w):
    """ctlab status of each lab: nodes, addresses, wires."""
    lines = []
    for lab in w.labs.values():
        shown = w.host.ask("ctlab", "status", "-j", lab.name)[0]
        lines += differ(f"lab {lab.name}", lab.nodes.items(),
                        [(n["name"], n["state"]) for n in shown["nodes"]])
        lines += differ(f"lab {lab.name}", [(x.name, lab.link_state(x), in_order(x.impairments))
                                            for x in lab.links.values()],
                        [(x["name"], x["state"], in_order(x["impairments"]))
                         for x in shown["links"]])
        for node in shown["nodes"]:
            if node["state"] == "running" and lab.kinds.get(node["name"]) != "switch":
                lines += lab_interfaces(lab, node)
    return lines


def in_order(impairments):
    return {way: sorted(keys.items()) for way, keys in sorted(impairments.items())}


def lab_interfaces(lab, node):
    """The addresses that the file gives; link-local ones come by themselves."""
    others = ("lo", "uplink0")
    found = {i["ifname"]: sorted(a for a in i["addresses"] if not a.startswith("fe80:"))
             for i in node["interfaces"] if i["ifname"] not in others}
    want = {k: v for k, v in lab.interfaces.get(node["name"], {}).items() if k not in others}
    return differ(f"lab {lab.name} {node['name']}", want.items(), found.items())


# ---- what is on disk ------------------------------------------------------------------

def disk(w):
    """Definitions, leases, attachments, records, names."""
    state = files.net_state()
    lines = differ("definitions", [f"{n}.conf" for n in w.networks], files.names(files.DEFINITIONS))
    lines += differ("realised", w.networks, files.names(f"{state}/realised"))
    lines += differ("unfinished", [], files.names(f"{state}/unfinished"))
    holders = w.attachments()
    lines += differ("attach", [f"{owner(c)}.{a.ifname}" for c, a in holders],
                    files.names(f"{state}/attach"))
    lines += differ("links", [a.host_ifname for _, a in holders if a.host_ifname],
                    files.names(f"{state}/links"))
    leases = [(a.network.name, ip, f"{owner(c)}.{a.ifname}") for c, a in holders
              for ip in a.ips(4) + a.ips(6)]
    found = [(n, ip, os.readlink(f"{state}/leases/{n}/{ip}"))
             for n in files.names(f"{state}/leases") for ip in files.names(f"{state}/leases/{n}")]
    lines += differ("leases", leases, found)
    lines += differ("ports", [c.id for c in w.holders() if c.ports],
                    [n for n in files.names(f"{state}/ports") if files.names(f"{state}/ports/{n}")])
    lines += differ("containers", [c.id for c in w.containers.values()],
                    files.names(f"{ROOT}/containers"))
    lines += differ("names", w.containers, files.names(f"{ROOT}/names"))
    ids = {c.id for c in w.containers.values()}
    lines += differ("files", [], [n for n in files.names(f"{ROOT}/files") if n not in ids])
    return lines + differ("labs", w.labs, files.names(f"{ROOT}/labs"))


# ---- what the kernel has ---------------------------------------------------------------

def links(w):
    """Bridges, host ends, nothing else; masters, state."""
    found = {x["ifname"]: x for x in w.host.ask("ip", "-j", "-d", "link")}
    want = {n.name: ("bridge", None, n.name) for n in w.networks.values() if n.bridged}
    for _, a in w.attachments():
        if a.host_ifname:
            want[a.host_ifname] = ("veth", a.network.name if a.network.bridged else None,
                                   a.network.name)
    others = [x["ifname"] for x in found.values() if x["ifname"] not in want
              and x["ifname"] not in w.first_links and not part_of(x, want)]
    lines = [f"link: nobody's: {x}" for x in others]
    for name, (kind, master, _) in want.items():
        x = found.get(name)
        if not x:
            lines.append(f"link: missing: {name}")
        elif (x["linkinfo"]["info_kind"], x.get("master")) != (kind, master) \
                or "UP" not in x["flags"]:
            lines.append(f"link: {name}: {x['linkinfo']['info_kind']}, {x.get('master')}, "
                         f"{x['flags']}; {kind} of {master} expected")
    return lines


def part_of(x, want):
    """The ifb behind a rate, and the port of a vxlan's bridge."""
    kind = x.get("linkinfo", {}).get("info_kind")
    if kind == "ifb":
        return f"ve{x['ifname'][2:]}" in want
    return kind == "vxlan" and x.get("master") in want


def host_addresses(w):
    """Gateways on bridges, and on the host's ends of ptp."""
    found = {x["ifname"]: x for x in w.host.ask("ip", "-j", "addr")}
    lines = []
    for network in w.networks.values():
        gateways = [g for _, g in network.subnets if g]
        devs = [network.name] if network.bridged else [
            a.host_ifname for _, a in w.members(network) if network.driver == "ptp"]
        for dev in devs:
            has = [i["local"] for i in found.get(dev, {}).get("addr_info", ())
                   if i["scope"] == "global"]
            lines += differ(f"addresses of {dev}", gateways, has)
    return lines


def firewall(w):
    """Every element of both tables once, and none that is nobody's."""
    want, found = Wanted(w).sets, {}
    for family in ("inet", "bridge"):
        listed = w.host.run("nft", "-j", "list", "table", family, "ctnet")
        found.update(sets_of(listed.json()) if listed.status == 0 else {})
    found.pop("port_nd6", None)  # printed as numbers; one beside each of port_ip6
    lines = []
    for name in sorted(set(want) | set(found)):
        lines += differ(f"set {name}", want.get(name, ()), found.get(name, ()))
    return lines


def inside(w):
    """A few containers, from inside their namespaces: interfaces and addresses."""
    lines = []
    some = [c for c in w.containers.values() if c.alive and c.join is None]
    pids = {c["id"]: c["pid"] for c in w.host.ask("ct", "ps", "-j")} if some else {}
    for c in some[w.step % len(some)::5] if some else ():
        shown = w.host.run("nsenter", "-t", str(pids[c.id]), "-n", "ip", "-j", "addr")
        if shown.status:
            lines.append(f"{c.name}: no namespace of {pids[c.id]}: {shown.err}")
            continue
        want = [(a.ifname, a.mac, ip) for a in c.attachments for ip in a.addresses]
        found = [(x["ifname"], x["address"], f"{i['local']}/{i['prefixlen']}")
                 for x in shown.json() if x["ifname"] != "lo" for i in x["addr_info"]
                 if i["scope"] == "global"]
        lines += differ(f"inside {c.name}", want, found)
    return lines


def cgroups(w):
    """One of each that runs, with its limits; none of the dead."""
    parent = os.environ["CT_CGROUP_PARENT"]
    tops = glob.glob(f"/sys/fs/cgroup/{parent}/ctnet") + glob.glob(
        f"/sys/fs/cgroup/*/{parent}/ctnet")
    alive = {c.id: c for c in w.containers.values() if c.alive}
    lines = []
    for name in sorted({n for top in tops for n in os.listdir(top)
                        if os.path.isdir(f"{top}/{n}")}):
        if name not in alive and not of_lab(w, name):
            lines.append(f"cgroup: nobody's: {name}")
    for ident, c in alive.items():
        for key, value in c.limits.items():
            lines += limit(tops, ident, c, key, value)
    return lines


LIMIT_FILES = {"pids": ("pids.max",), "memory": ("memory.limit_in_bytes", "memory.max")}


def limit(tops, ident, c, key, value):
    """In whichever hierarchy has the file; cpus is a pair and left to others."""
    if key not in LIMIT_FILES:
        return []
    found = [files.read(f"{top}/{ident}/{name}").strip() for top in tops
             for name in LIMIT_FILES[key]]
    found = [x for x in found if x]
    return [] if found == [str(value)] else [f"{c.name}: {key}: {found}, {value} expected"]


def of_lab(w, name):
    """ID-NODE of a lab's nodes: who has the record."""
    records = [files.read(f"{ROOT}/labs/{x}/lab.json") for x in w.labs]
    return any(f'"{name.rpartition("-")[0]}"' in r for r in records)


def mounts(w):
    """None on the host, but for the namespaces that have names."""
    want = w.first_mounts + [f"/run/netns/{n}" for n in w.namespaces]
    found = files.mounts()
    if "/run/netns" in found and "/run/netns" not in want:
        found.remove("/run/netns")
    return differ("mounts", want, found) + differ("/run/netns", w.namespaces,
                                                  files.names("/run/netns"))


def process_roots(w):
    """The processes that are there for something: monitors, supervisors, keepers."""
    roots = set()
    alive = [c.name for c in w.containers.values() if c.alive]
    if alive:
        roots |= {x["runner_pid"] for x in w.host.ask("ct", "inspect", *alive)}
    return roots | {x["pid"] for x in w.host.ask("ctlab", "ls", "-j")}


def is_executed(w, pid):
    """Of ct exec -d: nobody's child, in the group of a container with which it ends."""
    ends = tuple(f"/ctnet/{c.id}" for c in w.containers.values() if c.alive)
    return any(g.endswith(ends) for g in files.read(f"/proc/{pid}/cgroup").split())


def process_tree(w):
    """Every process is below one of them, and each of them is one thing's."""
    roots, found = process_roots(w), files.processes()
    lines = [f"process: missing: {pid}" for pid in roots if pid not in found]
    servants = {"ct-ports": 0, "dnsmasq": 0}
    for pid, p in found.items():
        above = ancestors(found, pid)
        if os.getpid() in above or pid == 1 or p.ppid == 0:
            continue
        if p.state == "Z" and p.ppid == 1:
            continue  # the sandbox's to reap
        if p.comm in servants:
            servants[p.comm] += 1
        elif not roots & set(above) and not (p.ppid == 1 and is_executed(w, pid)):
            lines.append(f"process: nobody's: {pid} {p.comm} {p.state} below {above[1:]}: "
                         f"{files.read(f'/proc/{pid}/cmdline')[:100]!r}")
    want = {"ct-ports": sum(bool(c.ports) for c in w.holders()),
            "dnsmasq": sum(served(w, n) for n in w.networks.values())}
    return lines + differ("process", want.items(), servants.items())


def served(w, network):
    """Whether somebody is on it who may ask for names."""
    return network.has("--dns-server") and bool(w.members(network))


def ancestors(found, pid):
    line = [pid]
    while line[-1] in found and found[line[-1]].ppid:
        line.append(found[line[-1]].ppid)
    return line


# (how often: after each so-manieth step, seconds that it may take to come true, what)
INVARIANTS = (
    (1, 10, learn),
    (1, 30, said_containers),  # the first ones see to what the dead have left
    (1, 10, said_networks),
    (1, 10, said_labs),
    (2, 10, said_lab_status),
    (1, 10, disk),
    (1, 20, links),
    (2, 10, host_addresses),
    (1, 10, firewall),
    (2, 10, inside),
    (1, 10, cgroups),
    (1, 10, mounts),
    (2, 10, process_tree),
)


def looked(w, look):
    """What goes while it is looked at has not gone yet."""
    try:
        return look(w)
    except (FileNotFoundError, ProcessLookupError) as gone:
        return [f"gone meanwhile: {gone}"]


def check(w, everything=False):
    """All that is due; raises what does not come true."""
    for every, seconds, look in INVARIANTS:
        if not everything and w.step % every:
            continue
        left = w.host.until(seconds, lambda look=look: looked(w, look))
        if left:
            raise Violation(f"{look.__name__}: {look.__doc__.splitlines()[0]}", left)
