#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every C file is as clang-format would write it (.clang-format).
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need clang-format
files '*.c' '*.h' | xargs clang-format --dry-run -Werror && exit
echo "cure: clang-format -i FILE"
exit 1
