# SPDX-License-Identifier: GPL-2.0-or-later
"""An action: commands, whom they concern, and what is different afterwards."""
import concurrent.futures

from host import Violation


class Act:
    """
    commands: words of one command, or a function of the host for what is none; one after
    another, or at once (together).
    touches: what it alone may change meanwhile; uses: what must stay as it is.
    want: the statuses that are right for each of them; None: any.
    done: is told the results, and changes the model.
    """

    def __init__(self, *commands, touches=(), uses=(), want=(0,), together=False, done=None):
        self.commands = commands
        self.touches, self.uses = set(map(id_of, touches)), set(map(id_of, uses))
        self.want, self.together, self.done = want, together, done
        self.results = []
        self.later = None  # a command for when all of the step are done

    def text(self):
        joint = " & " if self.together else "; "
        return joint.join(command_text(c) for c in self.commands)

    def said(self):
        """What the commands said that failed, and might."""
        return [f"      {r.status}: {' '.join(r.argv)[:60]}: {' '.join(r.err.split())}"
                for r in self.results if r and r.status]

    def fits(self, other):
        """Both can be done at the same time, and each still comes out as it must."""
        return not (self.touches & (other.touches | other.uses) or self.uses & other.touches)

    def one(self, host, command):
        if callable(command):
            return command(host)
        return host.run(*command, check=self.want)

    def run(self, host):
        if not self.together:
            self.results = [self.one(host, c) for c in self.commands]
            return
        with concurrent.futures.ThreadPoolExecutor(len(self.commands)) as pool:
            jobs = [pool.submit(self.one, host, c) for c in self.commands]
            self.results = [job.result() for job in jobs]


def id_of(thing):
    return thing if isinstance(thing, str) else id(thing)


def command_text(command):
    if callable(command):
        return f"[{command.__doc__ or command.__name__}]"
    return " ".join(command)


def batch(host, acts):
    """All of them at once; the first violation is raised when all have ended."""
    if len(acts) == 1:
        acts[0].run(host)
        return
    with concurrent.futures.ThreadPoolExecutor(len(acts)) as pool:
        jobs = [pool.submit(act.run, host) for act in acts]
    for job in jobs:
        job.result()


def named(text, function):
    """A function of the host with a text for the log."""
    function.__doc__ = text
    return function


def raise_twice(results):
    """For those who want the same thing, which one of them gets."""
    raise Violation("of two that want the same, not exactly one has it",
                    [line for r in results for line in r.lines()])
