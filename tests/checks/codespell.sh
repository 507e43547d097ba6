#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Words that are misspelt in code and text. The exemptions are names:
#   nd: neighbour discovery; ro, rro: mount options
shopt -s nullglob
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need codespell
codespell --skip 'build*,.git,LICENSE' --ignore-words-list 'nd,ro,rro' \
	core net cli tests conf docs .ci ./*.txt ./*.md
