# SPDX-License-Identifier: GPL-2.0-or-later
"""
flow.py send ADDRESS COUNT SIZE GAP_US - numbered datagrams with their time
flow.py receive - prints "NUMBER NANOSECONDS" for each, in the order of arrival, until
silence. Both ends are on one kernel, so they have one clock: the time is of one way.
"""
import socket
import struct
import sys
import time

PORT = 5009
HEAD = struct.Struct("!Iq")
SILENCE = 2.0
FIRST = 60.0
SO_RCVBUFFORCE = 33


def send(address, count, size, gap_us):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, PORT))
    fill = bytes(size - HEAD.size)
    due = time.monotonic_ns()
    for n in range(count):
        while time.monotonic_ns() < due:
            time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        s.send(HEAD.pack(n, time.monotonic_ns()) + fill)
        due += gap_us * 1000


def receive():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
    except PermissionError:
        pass
    s.bind(("0.0.0.0", PORT))
    s.settimeout(FIRST)
    lines = []
    try:
        while True:
            data = s.recv(65536)
            now = time.monotonic_ns()
            n, sent = HEAD.unpack_from(data)
            lines.append(f"{n} {now - sent}")
            s.settimeout(SILENCE)
    except socket.timeout:
        pass
    print("\n".join(lines))


if sys.argv[1] == "send":
    send(sys.argv[2], *map(int, sys.argv[3:]))
else:
    receive()
