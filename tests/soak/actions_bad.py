# SPDX-License-Identifier: GPL-2.0-or-later
"""What others do to it: SIGKILL, rules and links that are gone, commands all at once."""
import os
import signal

from act import Act, named
from actions_ct import SIGKILL, mortal, pick
from actions_lab import load
from host import children, is_alive, processes


def kill_pid(text, find):
    """A command that kills what find() names at the moment it is run."""
    def run(host):
        pid = find(host)
        if pid:
            os.kill(pid, signal.SIGKILL)
            host.until(10, lambda: is_alive(pid))
    return named(text, run)


def inspected(c, key):
    return lambda host: host.ask("ct", "inspect", c.name)[0][key]


def guard_of(c):
    """The monitor's child, whose child is the first process."""
    def find(host):
        monitor = inspected(c, "runner_pid")(host)
        init = inspected(c, "pid")(host)
        return next((p for p in children(monitor) if init in children(p)), None)
    return find


# What the next command has to find out by itself.
LOOK = ["ct", "ps"]


def kill_monitor(w, rng):
    c = pick(rng, mortal(w, alive=True))
    return c and Act(kill_pid(f"kill -9 the monitor of {c.name}", inspected(c, "runner_pid")),
                     LOOK, touches=[c], done=lambda _: w.ended(c, SIGKILL))


def kill_guard(w, rng):
    c = pick(rng, mortal(w, running=True, restart="no"))
    return c and Act(kill_pid(f"kill -9 the guard of {c.name}", guard_of(c)),
                     ["ct", "wait", c.name] if not c.auto_remove else LOOK,
                     touches=[c], done=lambda _: w.ended(c, SIGKILL))


def kill_init(w, rng):
    """The first process: the end of the container, or its next start."""
    c = pick(rng, mortal(w, running=True))
    if not c:
        return None
    kill = kill_pid(f"kill -9 the first process of {c.name}", inspected(c, "pid"))
    if c.restart == "always":
        if any(a not in c.attachments for a in c.born[0]):
            return None  # what it was to have again may be another's by now
        return Act(kill, touches=[c], done=lambda _: c.restarted())
    return Act(kill, ["ct", "wait", c.name] if not c.auto_remove else LOOK, touches=[c],
               done=lambda _: w.ended(c, SIGKILL))


def kill_supervisor(w, rng):
    lab = pick(rng, [x for x in w.labs.values() if not x.kept])
    return lab and Act(kill_pid(f"kill -9 the supervisor of {lab.name}", lambda _: lab.pid),
                       ["ctlab", "ls"], touches=[lab, f"lab {lab.name}"],
                       done=lambda _: w.labs.pop(lab.name))


def kill_node(w, rng):
    """The others go on, and apply puts it back."""
    lab = pick(rng, [x for x in w.labs.values() if not x.kept])
    name = lab and pick(rng, [n for n, s in lab.nodes.items()
                              if s == "running" and lab.kinds[n] not in ("switch", "nat")])
    if not name:
        return None

    def pid(host):
        status = host.ask("ctlab", "status", "-j", lab.name)[0]
        return next(n["pid"] for n in status["nodes"] if n["name"] == name)

    def done(_):
        load(w, lab)

    return Act(kill_pid(f"kill -9 node {name} of {lab.name}", pid), ["ctlab", "apply", lab.path],
               touches=[lab], done=done)


def kill_servant(w, rng):
    """A name server: the next command starts another one."""
    network = pick(rng, [n for n in w.networks.values() if n.has("--dns-server")])
    if not network:
        return None
    kill = kill_pid("kill -9 a dnsmasq", lambda _: next(
        (p.pid for p in processes().values() if p.comm == "dnsmasq"), None))
    act = Act(kill, touches=["name servers"])
    act.later = RELOAD
    return act


# ---- commands that are killed on their way ------------------------------------------

def killed(delay, *argv):
    return named(f"kill -9 after {delay:.3f} s: {' '.join(argv)}",
                 lambda host: host.killed_after(delay, *argv))


def half_start(w, rng):
    name, network = w.fresh("k"), pick(rng, w.networks.values())
    if network.room() == 1:
        return None
    return Act(killed(rng.random() * 0.06, "ctrun", "-d", "--name", name, "--net", network.name,
                      "--rootfs", w.rootfs, "sleep", "1000"),
               named(f"ct rm -f {name}", lambda host: host.run("ct", "rm", "-f", name)),
               uses=[network])


def half_foreground(w, rng):
    """Its runner: the container goes with it."""
    name, network = w.fresh("k"), pick(rng, w.networks.values())
    if network.room() == 1:
        return None
    return Act(killed(rng.random() * 0.1, "ctrun", "--name", name, "--net", network.name,
                      "--rootfs", w.rootfs, "sleep", "1000"), LOOK, uses=[network])


def half_connect(w, rng):
    c, network = pick(rng, mortal(w, running=True, join=None)), pick(rng, w.networks.values())
    if not c or network.room() == 1 or c.on(network):
        return None
    return Act(killed(rng.random() * 0.03, "ctnet", "connect", network.name, c.name),
               ["ctnet", "disconnect", "-f", network.name, c.name], touches=[c], uses=[network])


def half_create(w, rng):
    name = w.fresh("half")
    return Act(killed(rng.random() * 0.03, "ctnet", "create", name, "--ipv6"),
               named(f"ctnet rm -f {name}", lambda host: host.run("ctnet", "rm", "-f", name)),
               uses=["new networks"])


def half_up(w, rng):
    name = w.fresh("half")
    path = f"{w.host.scratch}/{name}.ini"
    with open(path, "w", encoding="ascii") as f:
        f.write(f"[lab]\nname = {name}\n[node.a]\n[node.b]\n[link.ab]\nends = a:eth0 b:eth0\n"
                "wire = stitched\nsubnet = 10.0.0.0/30\n")
    return Act(killed(rng.random() * 0.06, "ctlab", "up", path),
               named(f"ctlab down {name}", lambda host: host.run("ctlab", "down", name)))


# ---- at once, on one thing --------------------------------------------------------

def end_at_once(w, rng):
    """Whoever is first: in the end it is gone."""
    c = pick(rng, mortal(w, alive=True))
    if not c:
        return None
    words = [["ct", "stop", c.name], ["ct", "kill", c.name], ["ct", "rm", "-f", c.name],
             ["ct", "exec", c.name, "true"], ["ct", "pause", c.name]]
    act = Act(*rng.sample(words, 3), together=True, want=range(256), touches=[c])

    def rest(_):
        w.host.run("ct", "rm", "-f", c.name)
        w.forget(c)

    act.done = rest
    return act


def connect_at_once(w, rng):
    """connect, disconnect, publish and exec of one container; in the end it is off the network."""
    c, network = pick(rng, mortal(w, running=True, join=None)), pick(rng, w.networks.values())
    if not c or c.on(network) or network.room() == 1:
        return None
    words = [["ctnet", "connect", network.name, c.name], ["ctnet", "connect", network.name, c.name],
             ["ctnet", "disconnect", "-f", network.name, c.name], ["ct", "exec", c.name, "true"]]
    act = Act(*words, together=True, want=(0, 1), touches=[c], uses=[network])
    act.done = lambda _: w.host.run("ctnet", "disconnect", "-f", network.name, c.name, check={0})
    return act


# ---- others' hands ------------------------------------------------------------------

RELOAD = ["ctnet", "reload"]


def flush(_w, rng):
    words = rng.choice((["nft", "flush", "ruleset"], ["nft", "delete", "table", "inet", "ctnet"],
                        ["nft", "flush", "set", "inet", "ctnet", "routed"],
                        ["nft", "flush", "map", "inet", "ctnet", "p4any"]))
    act = Act(named(" ".join(words), lambda host: host.run(*words)), touches=["rules"])
    act.later = RELOAD
    return act


def add_foreign(w, _rng):
    """An element of nobody's: the next command puts it right."""
    words = ["nft", "add", "element", "inet", "ctnet", "p4any", "{ tcp . 4 : 10.9.9.9 . 4 }"]
    act = Act(named(" ".join(words), lambda host: host.run(*words)), touches=["rules"])
    act.later = RELOAD
    return act if w.networks else None


def delete_bridge(w, rng):
    """Whoever is on it has no way until the next command."""
    network = pick(rng, [n for n in w.networks.values() if n.bridged])
    if not network:
        return None
    act = Act(["ip", "link", "del", network.name], touches=[network, *(c for c, _ in
                                                                     w.members(network))])
    act.later = RELOAD
    return act


def bridge_down(w, rng):
    network = pick(rng, [n for n in w.networks.values() if n.bridged])
    if not network:
        return None
    act = Act(["ip", "link", "set", network.name, "down"], touches=[network])
    act.later = RELOAD
    return act


ACTIONS = (
    (3, kill_monitor), (1, kill_guard), (3, kill_init), (1, kill_supervisor), (1, kill_node),
    (2, half_start), (2, half_foreground), (2, half_connect), (2, half_create), (1, half_up),
    (2, end_at_once), (2, connect_at_once), (2, flush), (1, add_foreign), (2, delete_bridge),
    (1, bridge_down), (1, kill_servant),
)
