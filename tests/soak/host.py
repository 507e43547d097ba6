# SPDX-License-Identifier: GPL-2.0-or-later
"""The host as the program finds it: commands, processes, files. "The host" is the sandbox."""
import json
import os
import shutil
import subprocess
import threading
import time

ROOT = "/run/ctnet"
DEFINITIONS = "/etc/ctnet/networks"
SANITIZER = ("AddressSanitizer", "runtime error:", "LeakSanitizer", "UndefinedBehavior")


class Violation(Exception):
    """Something is not as it should be: a title, and the lines that say what."""

    def __init__(self, title, lines=()):
        super().__init__(title)
        self.title, self.lines = title, list(lines)


class Result:
    """What a command did."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    def json(self):
        return json.loads(self.out)

    def lines(self):
        said = [f"  {line}" for line in (self.out + self.err).splitlines()[-40:]]
        return [f"$ {' '.join(self.argv)}", f"  status {self.status}"] + said


class Host:
    """Runs commands; counts them, and notes all of them for who reads a failure."""

    def __init__(self, scratch, patience):
        self.scratch = scratch
        self.patience = patience  # how many times longer everything may take
        self.commands = 0
        self.lock = threading.Lock()

    def run(self, *argv, check=None):
        """One command to its end; check: the statuses that are right."""
        limit = 60 * self.patience
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  errors="replace", timeout=limit, check=False)
        except subprocess.TimeoutExpired as late:
            said = (late.stdout or b"", late.stderr or b"")
            said = [s.decode(errors="replace") if isinstance(s, bytes) else s for s in said]
            raise Violation(f"no end within {limit} s",
                            Result(argv, "?", *said).lines() + processes_text()) from None
        return self.judge(Result(argv, done.returncode, done.stdout, done.stderr), check)

    def judge(self, result, check):
        """No status stands for a command that crashed."""
        with self.lock:
            self.commands += 1
        crashed = result.status < 0 or any(word in result.err for word in SANITIZER)
        if crashed or (check is not None and result.status not in check):
            title = "a command crashed" if crashed else f"status {result.status}, not {check}"
            raise Violation(title, result.lines())
        return result

    def ask(self, *argv):
        """The JSON that a command prints."""
        result = self.run(*argv, check={0})
        try:
            return result.json()
        except ValueError as bad:
            raise Violation(f"no JSON: {bad}", result.lines()) from None

    def killed_after(self, delay, *argv):
        """A command that is killed while it works, with SIGKILL."""
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as p:
            try:
                p.wait(delay)
            except subprocess.TimeoutExpired:
                p.kill()
        with self.lock:
            self.commands += 1
        return Result(argv, p.returncode, "", "")

    def until(self, seconds, look):
        """look() again and again until it returns nothing; what it returned last."""
        deadline = time.monotonic() + seconds * self.patience
        pause = 0.01
        while True:
            left = look()
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(pause)
            pause = min(pause * 2, 0.25)


# ---- files -------------------------------------------------------------------

def names(path):
    """What is in a directory, but for temporary files; nothing if there is none."""
    try:
        return sorted(n for n in os.listdir(path) if not n.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def read(path):
    """A file's text; "" if it is gone."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError, PermissionError):
        return ""


def mounts():
    """Where something is mounted, with what: a sorted list."""
    return sorted(line.split()[4] for line in read("/proc/self/mountinfo").splitlines())


def net_state():
    """The state directory of this network namespace."""
    return f"{ROOT}/net/{os.stat('/proc/self/ns/net').st_ino}"


def make_rootfs(path):
    """busybox with a link per applet."""
    for name in ("bin", "etc", "proc", "sys", "dev", "tmp", "root", "var", "mnt"):
        os.makedirs(f"{path}/{name}", exist_ok=True)
    os.chmod(f"{path}/tmp", 0o1777)
    busybox = os.path.realpath(shutil.which("busybox"))
    shutil.copy(busybox, f"{path}/bin/busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for name in applets.stdout.split():
        if name != "busybox":
            os.symlink("busybox", f"{path}/bin/{name}")
    with open(f"{path}/etc/passwd", "w", encoding="ascii") as f:
        f.write("root:x:0:0:root:/root:/bin/sh\n")
    with open(f"{path}/etc/group", "w", encoding="ascii") as f:
        f.write("root:x:0:\n")


# ---- processes ---------------------------------------------------------------

class Process:
    """A process as /proc/PID/stat has it."""

    def __init__(self, pid, stat):
        head, _, tail = stat.rpartition(") ")
        self.pid, self.comm = pid, head.partition("(")[2]
        self.state, self.ppid = tail[0], int(tail.split()[1])


def processes():
    """All of them, by pid."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        stat = read(f"/proc/{pid}/stat")
        if stat:
            found[int(pid)] = Process(int(pid), stat)
    return found


def is_alive(pid):
    stat = read(f"/proc/{pid}/stat")
    return bool(stat) and Process(pid, stat).state != "Z"


def children(pid):
    return [p.pid for p in processes().values() if p.ppid == pid and p.state != "Z"]


def processes_text():
    """For who reads of a command that does not end."""
    lines = []
    for pid, p in sorted(processes().items()):
        command = read(f"/proc/{pid}/cmdline").replace("\0", " ")[:120]
        lines.append(f"  {pid} {p.ppid} {p.state} {p.comm} {read(f'/proc/{pid}/wchan')} {command}")
    return lines
