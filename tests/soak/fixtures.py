# SPDX-License-Identifier: GPL-2.0-or-later
"""What is there before the churn and stays: a link for macvlan, a network, a container and a
lab that live through the run and are used at every step; and the end of everything else."""
import os
import shutil
import signal
import subprocess

import actions_lab
import host as files
import lab_file
from act import Act
from actions_net import learn_subnets
from host import Violation
from model import Attachment, Container, Lab, Network, Port, World

TURNS = 10  # after so many steps what is kept is again as it was

KEPT_LAB = """[lab]
name = keep
[node.a]
daemon.1 = "while :; do echo tick; sleep 5; done"
[node.b]
pids = 100
[link.ab]
ends = a:eth0 b:eth0
wire = stitched
subnet = 10.250.0.0/30
"""


def kernel_has(host, kind):
    """Whether such a link can be made."""
    if host.run("ip", "link", "add", "probe0", "link", "up0", "type", kind).status:
        return False
    host.run("ip", "link", "del", "probe0", check={0})
    return True


def make_world(host, source):
    """The host before the first network."""
    rootfs = f"{host.scratch}/rootfs"
    files.make_rootfs(rootfs)
    os.makedirs(f"{host.scratch}/volume")
    host.run("ip", "link", "add", "up0", "type", "veth", "peer", "name", "up1", check={0})
    for name in ("up0", "up1"):
        host.run("ip", "link", "set", name, "up", check={0})
    host.run("ip", "addr", "add", "10.200.0.1/24", "dev", "up0", check={0})
    w = World(host, rootfs)
    w.parent, w.labs_dir = "up0", f"{source}/conf/labs"
    w.can = {"macvlan": kernel_has(host, "macvlan"), "dnsmasq": shutil.which("dnsmasq")}
    for name, words in (("cpus", ["--cpus", "1"]), ("userns", ["--userns", "auto"])):
        w.can[name] = host.run("ctrun", *words, "--rootfs", rootfs, "true").status == 0
    host.run("ctnet", "ns", "add", "first", check={0})  # makes /run/netns
    host.run("ctnet", "ns", "rm", "first", check={0})
    w.first_links = set(os.listdir("/sys/class/net"))
    w.first_mounts = [m for m in files.mounts() if m != "/run/netns"]
    return w


def keep(w):
    """What lives through the run."""
    for name in ("keep0", "keep1"):
        network = Network(name, "bridge", ["--ipv6"])
        w.host.run("ctnet", "create", name, "--ipv6", "--label", "keep=1", check={0})
        learn_subnets(network, w.host.ask("ctnet", "inspect", "-j", name)[0])
        network.kept = True
        w.networks[name] = network
    c = Container("keep")
    c.kept, c.serves = True, True
    c.attachments = [Attachment(w.networks["keep0"], "eth0", "keep")]
    c.ports = [Port("19999:80", "tcp", "", 19999, 19999, 80, c.attachments[0])]
    c.id = w.host.run("ctrun", "-d", "--name", "keep", "--net", "keep0", "-p", "19999:80",
                      "--rootfs", w.rootfs, "sh", "-c", "echo keep >/tmp/index.html; echo said;"
                      "exec httpd -f -p 80 -h /tmp", check={0}).out.strip()
    w.containers["keep"] = c
    lab = Lab("keep", f"{w.host.scratch}/keep.ini")
    lab_file.write(lab.path, KEPT_LAB)
    w.host.run("ctlab", "up", lab.path, check={0})
    actions_lab.load(w, lab)
    lab.kept = True
    w.labs["keep"] = lab


def listen():
    """Commands that tell of everything that happens, for as long as it does."""
    return {" ".join(words): subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                              stdout=subprocess.DEVNULL)
            for words in (["ctnet", "monitor"], ["ct", "events"])}


def listen_end(listeners):
    """They were there to the end; what ends them is an interruption, which is no error."""
    for name, p in listeners.items():
        if p.poll() is not None:
            raise Violation(f"{name} has ended by itself: {p.returncode}")
        p.send_signal(signal.SIGINT)
        if p.wait(60) != 0:
            raise Violation(f"{name}, interrupted: status {p.returncode}")


def tend(w):
    """One command to the kept container and one to the kept lab, in turn."""
    c, lab = w.containers["keep"], w.labs["keep"]
    commands = {
        0: ["ctnet", "connect", "keep1", "keep"], 1: ["ct", "exec", "keep", "true"],
        2: ["ct", "logs", "keep"], 3: ["ctnet", "disconnect", "keep1", "keep"],
        4: ["ct", "update", "--pids", str(50 + w.step % 50), "keep"], 5: ["ct", "pause", "keep"],
        6: ["ct", "unpause", "keep"], 7: ["ct", "exec", "keep", "sh", "-c", "ps"],
        8: ["ctnet", "publish", "keep", "19998:80"], 9: ["ctnet", "unpublish", "keep", "19998:80"],
    }
    labs = {
        0: ["ctlab", "impair", "keep", "ab", f"rate={1 + w.step % 90}mbit"],
        1: ["ctlab", "exec", "keep", "a", "true"], 2: ["ctlab", "link", "keep", "ab", "down"],
        3: ["ctlab", "link", "keep", "ab", "up"], 4: ["ctlab", "logs", "-n", "3", "keep", "a"],
        5: ["ctlab", "node", "keep", "b", "stop"], 6: ["ctlab", "node", "keep", "b", "start"],
        7: ["ctlab", "apply", lab.path], 8: ["ctlab", "restart", "keep", "a"],
        9: ["ctlab", "status", "keep"],
    }
    turn = (w.step - 1) % TURNS

    def done(_):
        tended(w, c, lab, turn)

    return Act(commands[turn], labs[turn], touches=[c, lab], done=done,
               uses=[w.networks["keep0"], w.networks["keep1"]])


def tended(w, c, lab, turn):
    """What of that can be seen."""
    link = lab.links["ab"]
    if turn == 0:
        c.attachments.append(Attachment(w.networks["keep1"], "eth1", "keep"))
        link.impairments = {way: {"rate": f"{1 + w.step % 90}mbit"} for way in ("ab", "ba")}
        lab.by_hand = True
    elif turn in (2, 3):
        link.up = turn == 3
        if turn == 3:
            c.attachments.pop()
    elif turn == 4:
        c.limits["pids"] = 50 + w.step % 50
    elif turn in (5, 6):
        c.status = "paused" if turn == 5 else "running"
        lab.nodes["b"] = "stopped" if turn == 5 else "running"
    elif turn == 7:
        actions_lab.load(w, lab)
    elif turn == 8:
        c.ports.append(Port("19998:80", "tcp", "", 19998, 19998, 80, c.attachments[0]))
    elif turn == 9:
        c.ports.pop()


def clear(w, everything=False):
    """All that is not kept goes, in one command for each kind."""
    labs = [x.name for x in w.labs.values() if everything or not x.kept]
    containers = [c.name for c in w.containers.values() if everything or not c.kept]
    networks = [n.name for n in w.networks.values() if everything or not n.kept]
    for words, names, have in ((["ctlab", "down"], labs, w.labs),
                               (["ct", "rm", "-f"], containers, w.containers),
                               (["ctnet", "ns", "rm"], list(w.namespaces), w.namespaces),
                               (["ctnet", "rm", "-f"], networks, w.networks)):
        if names:
            w.host.run(*words, *names, check={0})
        for name in names:
            have.pop(name)
    w.host.run("ctnet", "gc", check={0})
    for name in files.names(w.host.scratch):
        if name.startswith(("lab", "half", "copied")):
            os.unlink(f"{w.host.scratch}/{name}")
