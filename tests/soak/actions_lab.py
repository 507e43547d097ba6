# SPDX-License-Identifier: GPL-2.0-or-later
"""Labs: small random ones and those of conf/labs, up, changed in every way, and down."""
import lab_file
from act import Act, named, raise_twice
from actions_ct import new_port, pick
from host import Violation
from model import Attachment, Lab

MAX_LABS = 3
# Of conf/labs: what needs no program that may not be there, and is up at once.
SHIPPED = ("two-hosts", "triangle", "dual-stack")


def load(w, lab):
    lab.load(w.host.ask("ctlab", "expand", "-j", lab.path)[0])


def mortal(w):
    return [x for x in w.labs.values() if not x.kept]


def up(w, rng):
    if len(w.labs) >= MAX_LABS + 1:
        return None
    name = w.fresh("lab")
    lab = Lab(name, f"{w.host.scratch}/{name}.ini")
    lab.text = lab_file.random_lab(rng, name)
    networks = uplink(w, rng, lab) if rng.random() < 0.3 else []
    lab_file.write(lab.path, lab.text)

    def done(_):
        load(w, lab)
        w.labs[name] = lab

    on = [named(f"with an uplink to {n.name}", lambda _: None) for n in networks]
    return Act(["ctlab", "up", lab.path], *on, uses=networks, done=done)


def uplink(w, rng, lab):
    """On a network that can publish, if there is one: then the lab is a member of it."""
    network = pick(rng, [n for n in w.networks.values() if n.filtered and not n.internal])
    if not network:
        return []
    to = Attachment(network, "uplink0", f"gw.{lab.name}")
    port = new_port(w, rng, to, plain=True)
    lab_file.add_uplink(rng, lab.text, network.name, port.first)
    lab.attachments, lab.ports = [to], [port]
    return [network]


def up_shipped(w, rng):
    name = rng.choice([n for n in SHIPPED if n not in w.labs] or [None])
    if name is None or len(w.labs) >= MAX_LABS + 1:
        return None
    lab = Lab(name, f"{w.labs_dir}/{name}.ini")

    def done(_):
        load(w, lab)
        w.labs[name] = lab

    return Act(["ctlab", "up", lab.path], touches=[f"lab {name}"], done=done)


def up_fails(w, _rng):
    """All or nothing: a command that fails, and nothing is left."""
    name = w.fresh("lab")
    path = f"{w.host.scratch}/{name}.ini"
    lab_file.write(path, f"[lab]\nname = {name}\n[node.a]\n[node.b]\nexec.1 = \"exit 3\"\n"
                   "[link.ab]\nends = a:eth0 b:eth0\nsubnet = 10.0.0.0/30\n")
    return Act(["ctlab", "up", path], want=(4,))


def up_twice(w, rng):
    """Of two that make one lab, one does."""
    act = up(w, rng)
    if not act or len(w.labs) >= MAX_LABS:
        return None
    words, up_done = act.commands[0], act.done

    def done(results):
        if sorted(r.status == 0 for r in results) != [False, True]:
            raise_twice(results)
        up_done(results)

    act.commands, act.together, act.want, act.done = (words, words), True, (0, 1, 4), done
    return act


def down(w, rng):
    lab = pick(rng, mortal(w))
    return lab and Act(["ctlab", "down", lab.name], touches=[lab, f"lab {lab.name}"],
                       done=lambda _: w.labs.pop(lab.name))


def change(w, rng):
    """The file is another one, and apply makes it true."""
    lab = pick(rng, [x for x in mortal(w) if x.text])
    if not lab:
        return None
    text = lab_file.changed(rng, lab.text)
    write = named(f"write {lab.path}", lambda _: lab_file.write(lab.path, text))

    def done(_):
        lab.text = text
        load(w, lab)

    return Act(write, ["ctlab", "apply", lab.path], touches=[lab], done=done)


def restore(w, rng):
    """What was changed by hand is put back."""
    lab = pick(rng, w.labs.values())
    return lab and Act(["ctlab", "apply", lab.path], touches=[lab], done=lambda _: load(w, lab))


def plan_says_nothing(w, rng):
    """What was not changed since differs in nothing."""
    lab = pick(rng, [x for x in w.labs.values() if not x.by_hand])
    if not lab:
        return None

    def done(results):
        if results[0].out:
            raise Violation("a plan where nothing differs", results[0].lines())

    return Act(["ctlab", "plan", lab.path], touches=[lab], done=done)


def wired(w):
    return [(x, link) for x in w.labs.values() for link in x.stitched()]


def impair(w, rng):
    lab, link = pick(rng, wired(w)) or (None, None)
    if not lab:
        return None
    rate, loss = f"{rng.randrange(1, 50)}mbit", f"{rng.randrange(1, 9)}%"
    keys, ways = rng.choice((
        ({"rate": rate}, ("ab", "ba")), ({"loss": loss}, ("ab", "ba")), ({"rate": rate}, ("ab",)),
        ({"rate": rate, "loss": loss}, ("ab", "ba")), (None, ("ab", "ba"))))

    def done(_):
        lab.by_hand = True
        for way in ways:
            if keys is None:
                link.impairments[way] = {}
            else:
                link.impairments[way].update(keys)

    end = ".ab" if ways == ("ab",) else ""
    words = ["none"] if keys is None else [f"{k}{end}={v}" for k, v in keys.items()]
    return Act(["ctlab", "impair", lab.name, link.name, *words], touches=[lab], done=done)


def cable(w, rng):
    lab, link = pick(rng, wired(w)) or (None, None)
    if not lab:
        return None
    to = rng.random() < 0.6

    def done(_):
        lab.by_hand, link.up = True, to

    return Act(["ctlab", "link", lab.name, link.name, "up" if to else "down"], touches=[lab],
               done=done)


def hosts(w):
    return [(x, n) for x in w.labs.values() for n in x.nodes if x.kinds[n] not in ("switch", "nat")
            and all(link.wire != "direct" for link in x.links.values() if n in link.nodes())]


def node(w, rng):
    lab, name = pick(rng, hosts(w)) or (None, None)
    if not lab:
        return None
    to = "start" if rng.random() < 0.6 else "stop"

    def done(_):
        lab.by_hand = True
        lab.nodes[name] = "running" if to == "start" else "stopped"

    return Act(["ctlab", "node", lab.name, name, to], touches=[lab], done=done)


def node_restart(w, rng):
    """Its daemons, one after another, end and start again."""
    running = [(x, n) for x, n in hosts(w) if x.nodes[n] == "running" and x.text
               and lab_file.has_daemon(x.text, n)]
    lab, name = pick(rng, running) or (None, None)
    return lab and Act(["ctlab", "restart", lab.name, name], ["ctlab", "logs", lab.name, name],
                       touches=[lab])


def execute(w, rng):
    lab, name = pick(rng, [(x, n) for x, n in hosts(w) if x.nodes[n] == "running"]) or (None, None)
    if not lab:
        return None
    status = rng.randrange(100)
    return Act(["ctlab", "exec", lab.name, name, "sh", "-c", f"exit {status}"], want=(status,),
               touches=[lab])


def test(w, rng):
    """Tests of its own, where nothing was changed."""
    lab = pick(rng, [x for x in w.labs.values() if not x.by_hand and x.text and x.text["lan"]])
    return lab and Act(["ctlab", "test", lab.name, "reach*"], touches=[lab])


def look(w, rng):
    lab = pick(rng, w.labs.values())
    if not lab:
        return None
    words = rng.choice((["status", lab.name], ["status"], ["graph", lab.name], ["ls"]))
    return Act(["ctlab", *words], touches=[lab] if lab.name in words else list(w.labs.values()))


ACTIONS = (
    (5, up), (1, up_shipped), (1, up_fails), (1, up_twice), (3, down), (5, change), (2, restore),
    (2, plan_says_nothing), (6, impair), (4, cable), (5, node), (2, node_restart), (4, execute),
    (1, test), (2, look),
)
