#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cppcheck over the plain build. It reads no system headers, so it is told what
# the loops of jansson's macros are. Left out, and why: memleak, resourceLeak (it
# does not know the cleanup attribute; ASan looks for leaks), missingIncludeSystem.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need cppcheck
need jq
work=$build_dir/checks/cppcheck
mkdir -p "$work/cache"
plain_commands "$work" || exit 1
exec cppcheck --project="$work/compile_commands.json" --cppcheck-build-dir="$work/cache" \
	--enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet \
	--suppress=missingIncludeSystem --suppress=memleak --suppress=resourceLeak \
	--library="$source_dir/tests/checks/cppcheck.cfg" --template=gcc
