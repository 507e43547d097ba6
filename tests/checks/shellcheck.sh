#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every script is clean under shellcheck. Left out, and why:
#   SC2016 a program for a shell inside a container is single-quoted on purpose
#   SC2154 lib.bash and bats set bg_pid, status, output, stderr
#   SC2030, SC2031 bats turns each test into a function of its own process
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need shellcheck
scripts | xargs shellcheck -x -e SC2016,SC2154,SC2030,SC2031
