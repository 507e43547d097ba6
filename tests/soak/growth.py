# SPDX-License-Identifier: GPL-2.0-or-later
"""
What must not grow: memory and descriptors of a monitor and a supervisor that live through
the run and are used all the time; and, when all is gone again, whatever the host has of it.
"""
import os
import statistics

import host as files

KIB = 1024
SLACK = {  # what one sample may be off without anybody having leaked anything
    "Anonymous": 96 * KIB, "Pss": 512 * KIB, "fds": 1, "children": 1,
}
LAST_SLACK = {  # at the end, against after the warm-up
    "inodes": 16, "mounts": 0, "files in /run": 0, "links": 0, "sockets": 2,
    "net namespaces": 24, "SUnreclaim": 96 * KIB * KIB,
}


def rollup(pid):
    """smaps_rollup, in bytes."""
    lines = (line.split() for line in files.read(f"/proc/{pid}/smaps_rollup").splitlines()[1:])
    return {words[0].rstrip(":"): int(words[1]) * KIB for words in lines}


def sizes(pid):
    """Of one process that lives long."""
    memory = rollup(pid)
    return {"Anonymous": memory.get("Anonymous", 0), "Pss": memory.get("Pss", 0),
            "fds": len(files.names(f"/proc/{pid}/fd")), "children": len(files.children(pid))}


class Watch:
    """The processes that live through the run, looked at again and again."""

    def __init__(self):
        self.pids, self.samples, self.paths = {}, {}, set()

    def add(self, name, pid):
        self.pids[name] = pid
        self.samples[name] = []

    def look(self):
        for name, pid in self.pids.items():
            self.samples[name].append(sizes(pid))

    def rows(self):
        """(process, what, after the warm-up, at the end): medians of the second quarter and
        of the last one."""
        rows = []
        for name, seen in self.samples.items():
            quarter = max(1, len(seen) // 4)
            for what in SLACK:
                early = statistics.median(s[what] for s in seen[quarter:2 * quarter] or seen)
                late = statistics.median(s[what] for s in seen[-quarter:])
                rows.append((name, what, int(early), int(late)))
        return rows

    def grown(self, memory):
        """Without memory: what the sanitizer keeps for itself is none of ours, and in a short
        run it still grows to what the largest of the labs needs."""
        return [f"{name}: {what} {early} -> {late}" for name, what, early, late in self.rows()
                if late > early + SLACK[what]
                and (memory or what not in ("Anonymous", "Pss"))]


# ---- the host as a whole ----------------------------------------------------------------

def slab(name):
    """Objects of a cache, those that are free but not yet given back left out where one may
    ask for that."""
    try:
        with open(f"/sys/kernel/slab/{name}/shrink", "w", encoding="ascii") as f:
            f.write("1")
    except OSError:
        pass
    for line in files.read("/proc/slabinfo").splitlines():
        if line.split()[0] == name:
            return int(line.split()[1])
    return 0


def meminfo(key):
    for line in files.read("/proc/meminfo").splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * KIB
    return 0


def used_inodes(path):
    s = os.statvfs(path)
    return s.f_files - s.f_ffree


def paths():
    """What there is on disk. Directories of what is kept may come when they are first needed,
    and so does the file that is ready to be the next record."""
    return {f"{top}/{n}" for top, _, f in os.walk(files.ROOT) for n in f if n != "spare"}


def totals():
    """What the host has of everything now."""
    sockstat = files.read("/proc/net/sockstat").split()
    return {
        "inodes": used_inodes("/run") + used_inodes("/var/cache") + used_inodes("/etc"),
        "files in /run": len(paths()),
        "mounts": len(files.mounts()),
        "links": len(os.listdir("/sys/class/net")),
        "sockets": int(sockstat[sockstat.index("used") + 1]),
        "net namespaces": slab("net_namespace"),
        "SUnreclaim": meminfo("SUnreclaim"),
    }


MACHINE = ("net namespaces", "SUnreclaim")  # what others make and leave as well


def settled(before, seconds, host, quick=False):
    """The totals, when what dies late has died or the time is over; and what has grown.
    Without before: the least that is seen in that time."""
    seen = {}

    def grown():
        for key, value in totals().items():
            seen[key] = min(value, seen.get(key, value))
        if before is None:
            return ["not yet"]
        return [f"{k}: {before[k]} -> {seen[k]}" for k in before
                if seen[k] > before[k] + LAST_SLACK[k] and not (quick and k in MACHINE)]

    if before is None:
        seconds = (1 if quick else 5) / host.patience
    left = host.until(seconds, grown)
    return seen, left


def add_kept(w, watch, listeners):
    """The monitor, its guard and the keeper of ports; the supervisor; who listens."""
    for name, listener in listeners.items():
        watch.add(name, listener.pid)
    shown = w.host.ask("ct", "inspect", "keep")[0]
    watch.add("monitor", shown["runner_pid"])
    guard = next(p for p in files.children(shown["runner_pid"])
                 if shown["pid"] in files.children(p))
    watch.add("guard", guard)
    keeper = next(p.pid for p in files.processes().values() if p.comm == "ct-ports")
    watch.add("keeper of ports", keeper)
    watch.add("supervisor", w.labs["keep"].pid)
