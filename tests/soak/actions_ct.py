# SPDX-License-Identifier: GPL-2.0-or-later
"""Containers: started in every way, changed, ended, removed."""
from act import Act, raise_twice
from actions_net import attach_words
from model import Attachment, Container, Port

MAX_CONTAINERS = 14
SIGTERM, SIGKILL = 128 + 15, 128 + 9


def pick(rng, things):
    things = list(things)
    return rng.choice(things) if things else None


def mortal(w, **how):
    """Containers that may be ended, with these attributes."""
    return [c for c in w.containers.values() if not c.kept
            and all(getattr(c, key) == value for key, value in how.items())]


# ---- starting ---------------------------------------------------------------------

def net_words(w, rng, c):
    """--net for the networks it joins, and what it may collide with: (words, alone, beside)."""
    words, alone, beside = [], [], []
    rooms = [n for n in w.networks.values() if len(w.members(n)) < n.room()]
    count = rng.choices((0, 1, 2, 3), (1, 6, 2, 1))[0]
    for network in rng.sample(rooms, min(count, len(rooms))):
        a = Attachment(network, f"eth{len(c.attachments)}", c.name)
        keys = attach_words(w, rng, network, a)
        words += ["--net", ":".join([network.name] + [",".join(f"{k}={v}" for k, v in keys)])
                  if keys else network.name]
        (alone if keys or network.room() == 1 else beside).append(network)
        c.attachments.append(a)
    return words or ["--net", "none"], alone, beside


def port_target(c):
    """The first of its interfaces whose network can publish."""
    by_place = sorted(c.attachments, key=lambda a: a.host_ifname or a.ifname)
    return next((a for a in by_place if a.network.filtered and not a.network.internal), None)


def new_port(w, rng, to, plain=False):
    """A port of the host that nobody has, led to 80, where a server is; or a range. Plain: to the
    same port, and no more than that."""
    w.numbers["port"] = w.numbers.get("port", 0) + 1
    first = 20000 + w.numbers["port"] * 4 % 10000
    if plain:
        return Port(f"{first}:{first}", "tcp", "", first, first, first, to)
    kind = rng.randrange(6)
    if kind == 0:
        return Port(f"{first}-{first + 3}:{first}", "tcp", "", first, first + 3, first, to)
    if kind == 1:
        return Port(f"{first}-{first + 2}:7000/udp", "udp", "", first, first + 2, 7000, to)
    if kind == 2:
        return Port(f"127.0.0.1:{first}:80", "tcp", "127.0.0.1", first, first, 80, to)
    if kind == 3:
        return Port(f"{first}:53/udp", "udp", "", first, first, 53, to)
    return Port(f"{first}:80", "tcp", "", first, first, 80, to)


def publishable(to, port):
    """127.0.0.1 leads to an interface with IPv4 alone."""
    return port.host_ip == "" or any(":" not in s for s, _ in to.network.subnets)


def limit_words(w, rng, c):
    if rng.random() < 0.4:
        c.limits["pids"] = rng.randrange(20, 200)
    if rng.random() < 0.3:
        c.limits["memory"] = rng.randrange(16, 64) << 20
    if rng.random() < 0.2 and w.can["cpus"]:
        c.limits["cpus"] = rng.choice(("0.5", "1"))
    return [word for key, value in c.limits.items() for word in (f"--{key}", str(value))]


def file_words(w, rng, c):
    words = ["--rootfs", w.rootfs]
    if rng.random() < 0.3:
        c.volume = True
        words += ["-v", f"{w.host.scratch}/volume:/mnt"]
    if rng.random() < 0.15 and w.can["userns"]:
        c.userns = True
        words += ["--userns", "auto"]
    if rng.random() < 0.1:
        words += ["--read-only", "--tmpfs", "/tmp"]
    return words


def command_words(rng, c):
    """What it runs: a server that tells who it is, a sleeper, or one that ends on TERM."""
    kind = rng.randrange(4)
    if kind < 2:
        c.serves = True
        return ["sh", "-c", f"echo {c.token} >/tmp/index.html; exec httpd -f -p 80 -h /tmp"]
    if kind == 2:
        c.trap = True
        return ["sh", "-c", "trap 'exit 7' TERM; while :; do sleep 1000 & wait $!; done"]
    return ["sleep", "1000"]


def start(w, rng):
    if len(w.containers) >= MAX_CONTAINERS:
        return None
    c = Container(w.fresh("c"))
    nets, alone, beside = net_words(w, rng, c)
    words = ["ctrun", "-d", "--name", c.name, *nets, *limit_words(w, rng, c),
             *file_words(w, rng, c)]
    c.auto_remove = rng.random() < 0.15
    if c.auto_remove:
        words += ["--rm"]
    elif rng.random() < 0.2:
        c.restart = "always"
        words += ["--restart", "always"]
    if rng.random() < 0.3:
        words += ["--init"]
    to = port_target(c)
    if to and rng.random() < 0.5:
        for port in [new_port(w, rng, to) for _ in range(rng.choice((1, 1, 2)))]:
            if publishable(to, port):
                words += ["-p", port.word]
                c.ports.append(port)
    words += command_words(rng, c)
    c.is_born()

    def done(results):
        c.id = results[0].out.strip()
        w.containers[c.name] = c

    return Act(words, touches=alone, uses=beside, done=done)


def start_joined(w, rng):
    """In the network namespace of ctnet ns."""
    ns = pick(rng, w.namespaces.values())
    if not ns or len(w.containers) >= MAX_CONTAINERS:
        return None
    c = Container(w.fresh("c"))
    c.join = ns

    def done(results):
        c.id = results[0].out.strip()
        w.containers[c.name] = c

    return Act(["ctrun", "-d", "--name", c.name, "--net", f"ns:{ns.name}", "--rootfs", w.rootfs,
                "sleep", "1000"], uses=[ns], done=done)


def foreground(w, rng):
    """One that ends by itself, with its status; nothing of it stays."""
    c = Container(w.fresh("f"))
    nets, alone, beside = net_words(w, rng, c)
    status = rng.randrange(100)
    return Act(["ctrun", "--name", c.name, *nets, *limit_words(w, rng, c), *file_words(w, rng, c),
                "sh", "-c", f"ip addr >/dev/null; exit {status}"],
               touches=alone, uses=beside, want=(status,))


def start_fails(w, rng):
    """What cannot start leaves nothing."""
    other = pick(rng, [c for c in w.containers.values() if c.running])
    network = pick(rng, w.networks.values())
    if not other or not network:
        return None
    to = port_target(other)
    base = ["ctrun", "-d", "--rootfs", w.rootfs]
    cases = [
        ((127,), base + ["--name", w.fresh("x"), "--net", network.name, "nosuchcommand"]),
        ((125,), base + ["--name", other.name, "--net", network.name, "true"]),
        ((125,), base + ["--name", w.fresh("x"), "--net", "nosuchnet", "true"]),
        ((125,), base + ["--name", w.fresh("x"), "--net", "none", "--workdir", "/etc/passwd",
                         "true"]),
    ]
    if to and other.ports:
        cases.append(((125,), base + ["--name", w.fresh("x"), "--net", to.network.name, "-p",
                                      other.ports[0].word, "true"]))
    if network.room() == 1:
        return None
    want, words = rng.choice(cases)
    return Act(words, want=want, touches=[other], uses=[network] + ([to.network] if to else []))


def start_twice(w, rng):
    """Of two with one name, one starts."""
    if len(w.containers) >= MAX_CONTAINERS:
        return None
    c = Container(w.fresh("c"))
    nets, alone, beside = net_words(w, rng, c)
    words = ["ctrun", "-d", "--name", c.name, *nets, "--rootfs", w.rootfs, "sleep", "1000"]

    def done(results):
        good = [r for r in results if r.status == 0]
        if len(good) != 1:
            raise_twice(results)
        c.id = good[0].out.strip()
        w.containers[c.name] = c

    # With an address that both want, each may be the one that is refused.
    return None if alone else Act(words, words, together=True, want=(0, 125), uses=beside,
                                  done=done)


def crash_loop(w, rng):
    """One that fails, is started again as often as it may be, and has exited then."""
    if len(w.containers) >= MAX_CONTAINERS:
        return None
    c = Container(w.fresh("c"))
    nets, alone, beside = net_words(w, rng, c)
    c.attachments = []
    status = rng.randrange(1, 100)

    def done(results):
        c.id = results[0].out.strip()
        c.ended(status)
        w.containers[c.name] = c

    return Act(["ctrun", "-d", "--name", c.name, *nets, "--rootfs", w.rootfs,
                "--restart", "on-failure:2", "sh", "-c", f"exit {status}"],
               ["ct", "wait", c.name], touches=alone, uses=beside, done=done)


# ---- ending -----------------------------------------------------------------------

def stop(w, rng):
    c = pick(rng, mortal(w, alive=True))
    if not c:
        return None
    code = 7 if c.trap else SIGTERM
    return Act(["ct", "stop", c.name], touches=[c], done=lambda _: w.ended(c, code))


def stop_many(w, rng):
    some = mortal(w, running=True)
    if len(some) < 3:
        return None
    some = rng.sample(some, 3)

    def done(_):
        for c in some:
            w.ended(c, 7 if c.trap else SIGTERM)

    return Act(["ct", "stop", *(c.name for c in some)], touches=some, done=done)


def kill(w, rng):
    c = pick(rng, mortal(w, running=True))
    if not c:
        return None
    return Act(["ct", "kill", c.name], ["ct", "wait", c.name] if not c.auto_remove else
               ["true"], touches=[c], done=lambda _: w.ended(c, SIGKILL))


def remove(w, rng):
    c = pick(rng, mortal(w, status="exited"))
    return c and Act(["ct", "rm", c.name], touches=[c], done=lambda _: w.forget(c))


def remove_running(w, rng):
    """One that runs is refused without -f."""
    c = pick(rng, [c for c in w.containers.values() if c.alive])
    return c and Act(["ct", "rm", c.name], want=(1,), touches=[c])


def remove_force(w, rng):
    c = pick(rng, mortal(w))
    return c and Act(["ct", "rm", "-f", c.name], touches=[c], done=lambda _: w.forget(c))


def prune(w, _rng):
    gone = mortal(w, status="exited")

    def done(_):
        for c in gone:
            w.forget(c)

    # Those that end meanwhile would be removed too.
    return Act(["ct", "prune", "-f"], touches=list(w.containers.values()), done=done)


# ---- changing ---------------------------------------------------------------------

def rename(w, rng):
    c = pick(rng, mortal(w))
    if not c:
        return None
    old, new = c.name, w.fresh("c")

    def done(_):
        w.containers.pop(old)
        c.name = new
        w.containers[new] = c

    return Act(["ct", "rename", old, new], touches=[c], done=done)


def pause(w, rng):
    c = pick(rng, mortal(w, running=True))
    if not c or c.join:
        return None
    return Act(["ct", "pause", c.name], touches=[c], done=lambda _: setattr(c, "status", "paused"))


def unpause(w, rng):
    c = pick(rng, mortal(w, status="paused"))
    return c and Act(["ct", "unpause", c.name], touches=[c],
                     done=lambda _: setattr(c, "status", "running"))


def update(w, rng):
    c = pick(rng, [c for c in w.containers.values() if c.running])
    if not c:
        return None
    key, value = rng.choice((("pids", rng.randrange(30, 300)),
                             ("memory", rng.randrange(16, 64) << 20)))
    return Act(["ct", "update", f"--{key}", str(value), c.name], touches=[c],
               done=lambda _: c.limits.update({key: value}))


def execute(w, rng):
    c = pick(rng, [c for c in w.containers.values() if c.running])
    if not c:
        return None
    status = rng.randrange(100)
    words, want = rng.choice((
        (["ct", "exec", c.name, "sh", "-c", f"exit {status}"], status),
        (["ct", "exec", "-d", c.name, "sleep", "0.1"], 0),
        (["ct", "exec", c.name, "nosuchcommand"], 127),
        (["ct", "logs", c.name], 0),
        (["ct", "top", c.name], 0),
        (["ct", "stats", "--no-stream", c.name], 0),
        (["ct", "inspect", c.name], 0),
        (["ct", "port", c.name], 0),
    ))
    return Act(words, want=(want,), touches=[c])


def copy(w, rng):
    c = pick(rng, [c for c in w.containers.values() if c.running and not c.userns])
    return c and Act(["ct", "cp", f"{c.name}:/etc/passwd", f"{w.host.scratch}/copied-{c.token}"],
                     touches=[c])


# ---- ports ------------------------------------------------------------------------

def publish(w, rng):
    c = pick(rng, [c for c in w.containers.values() if c.running and port_target(c)
                   and len(c.ports) < 4])
    if not c:
        return None
    port = new_port(w, rng, port_target(c))
    if not publishable(port.to, port):
        return None
    return Act(["ctnet", "publish", c.name, port.word], touches=[c], uses=[port.to.network],
               done=lambda _: c.ports.append(port))


def publish_twice(w, rng):
    """Of two that publish one port, one has it."""
    able = [c for c in w.containers.values() if c.running and port_target(c)]
    if len(able) < 2:
        return None
    two = rng.sample(able, 2)
    port = new_port(w, rng, None)
    if not all(publishable(port_target(c), port) for c in two):
        return None

    def done(results):
        if sorted(r.status for r in results) != [0, 1]:
            raise_twice(results)
        winner = two[[r.status for r in results].index(0)]
        port.to = port_target(winner)
        winner.ports.append(port)

    return Act(*(["ctnet", "publish", c.name, port.word] for c in two), together=True, want=(0, 1),
               touches=two, uses=[port_target(c).network for c in two], done=done)


def unpublish(w, rng):
    c = pick(rng, [c for c in w.containers.values() if c.running and c.ports])
    if not c:
        return None
    port = rng.choice(c.ports)
    return Act(["ctnet", "unpublish", c.name, port.word], touches=[c], uses=[port.to.network],
               done=lambda _: c.ports.remove(port))


ACTIONS = (
    (14, start), (2, start_joined), (6, foreground), (3, start_fails), (1, start_twice),
    (1, crash_loop), (4, stop), (1, stop_many), (3, kill), (3, remove), (1, remove_running),
    (4, remove_force), (1, prune), (3, rename), (3, pause), (4, unpause), (4, update),
    (6, execute), (1, copy), (6, publish), (2, publish_twice), (5, unpublish),
)
