# SPDX-License-Identifier: GPL-2.0-or-later
"""Small lab files, drawn; and changes of them. A file is a dict until it is written."""


def random_lab(rng, name):
    """Two to five nodes in a line, mostly with a wire more and a LAN."""
    n = rng.randrange(2, 6)
    lab = {"name": name, "nodes": {}, "links": {}, "lan": None, "next": n + 1,
           "net": rng.randrange(1, 200)}
    for i in range(1, n + 1):
        lab["nodes"][f"n{i}"] = random_node(rng)
    for i in range(1, n):
        add_link(rng, lab, f"n{i}", f"n{i + 1}")
    if rng.random() < 0.6:
        lab["lan"] = rng.sample(sorted(lab["nodes"]), rng.randrange(2, n + 1))
    return lab


def add_uplink(rng, lab, network, port):
    """A way out by a network, for all of the lab, and a way in to one of its nodes."""
    lab["nodes"]["gw"] = {"kind": "nat", "uplink": network,
                          "masquerade": f"10.{lab['net']}.0.0/16", "publish.1": f"{port}:n1:80"}
    add_link(rng, lab, "gw", "n1")


def others(lab):
    """Nodes that may be changed: all but the way out, and who it leads to."""
    return sorted(n for n in lab["nodes"] if "gw" not in lab["nodes"] or n not in ("gw", "n1"))


def random_node(rng):
    node = {}
    if rng.random() < 0.4:
        node["daemon.1"] = '"exec sleep 1000"'
    if rng.random() < 0.3:
        node["pids"] = str(rng.randrange(50, 200))
    if rng.random() < 0.2:
        node["exec.1"] = '"ip link show lo"'
    if rng.random() < 0.2:
        node["stop.1"] = '"true"'
    if rng.random() < 0.2:
        node["sysctl.1"] = "net.ipv4.ip_forward=1"
    return node


def add_link(rng, lab, a, b):
    lab["link"] = lab.get("link", 0) + 1
    number = lab["link"]
    link = {"ends": f"{a}:w{number}a {b}:w{number}b", "wire": "stitched",
            "subnet": f"10.{lab['net']}.{number}.0/30 fd00:{lab['net']}:{number}::/64"}
    if rng.random() < 0.3:
        link["rate"] = f"{rng.randrange(5, 90)}mbit"
    lab["links"][f"l{number}"] = link


def changed(rng, lab):
    """The same with one thing added, gone or different."""
    lab = {**lab, "nodes": dict(lab["nodes"]), "links": dict(lab["links"])}
    for _ in range(rng.choice((1, 1, 2))):
        rng.choice((add_node, drop_node, change_node, change_link, more_link, drop_link,
                    change_lan))(rng, lab)
    return lab


def add_node(rng, lab):
    if len(lab["nodes"]) < 7:
        name = f"n{lab['next']}"
        lab["next"] += 1
        other = rng.choice(sorted(lab["nodes"]))
        lab["nodes"][name] = random_node(rng)
        add_link(rng, lab, other, name)


def drop_node(rng, lab):
    if len(lab["nodes"]) > 2 and others(lab):
        gone = rng.choice(others(lab))
        lab["nodes"].pop(gone)
        lab["links"] = {k: v for k, v in lab["links"].items() if f"{gone}:" not in v["ends"]}
        left = [n for n in lab["lan"] or () if n != gone]
        lab["lan"] = left if len(left) > 1 else None


def change_node(rng, lab):
    if others(lab):
        lab["nodes"][rng.choice(others(lab))] = random_node(rng)


def change_link(rng, lab):
    if lab["links"]:
        name = rng.choice(sorted(lab["links"]))
        lab["links"][name] = {**lab["links"][name], "rate": f"{rng.randrange(5, 90)}mbit"}


def more_link(rng, lab):
    if len(lab["links"]) < 8:
        a, b = rng.sample(sorted(lab["nodes"]), 2)
        add_link(rng, lab, a, b)


def drop_link(rng, lab):
    if lab["links"]:
        lab["links"].pop(rng.choice(sorted(lab["links"])))


def change_lan(rng, lab):
    nodes = sorted(lab["nodes"])
    lab["lan"] = None if rng.random() < 0.3 else rng.sample(nodes, rng.randrange(2, len(nodes) + 1))


def has_daemon(lab, node):
    return "daemon.1" in lab["nodes"].get(node, {})


def write(path, lab):
    with open(path, "w", encoding="ascii") as f:
        f.write(lab if isinstance(lab, str) else text(lab))


def section(head, keys):
    return [f"[{head}]"] + [f"{k} = {v}" for k, v in keys.items()]


def text(lab):
    lines = section("lab", {"name": lab["name"], "unsupported": "warn"})
    for name, keys in lab["nodes"].items():
        lines += section(f"node.{name}", keys)
    for name, keys in lab["links"].items():
        lines += section(f"link.{name}", keys)
    if lab["lan"]:
        members = " ".join(f"{n}:lan" for n in sorted(lab["lan"]))
        lines += section("net.lan", {"subnet": f"10.{lab['net']}.200.0/24", "members": members})
        ends = sorted(lab["lan"])
        lines += section("test.reach", {"type": "ping", "from": f"{ends[0]}:lan",
                                        "to": f"{ends[1]}:lan", "wait": "20s"})
    return "\n".join(lines) + "\n"
