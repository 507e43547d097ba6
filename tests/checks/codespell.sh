#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Words that are misspelt in code and text. The exemptions are names:
#   nd: neighbour discovery; iif: a word of nft; ro, rro: mount options; doas: a program; oen, ot, tre:
#   names in tests that are wrong or short on purpose; clos: a network after Charles Clos;
#   ons: a column of lsns. What a fuzzer made is not text.
shopt -s nullglob
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need codespell
codespell --skip 'build*,.git,LICENSE,tests/fuzz/corpus' --ignore-words-list 'nd,iif,ro,rro,doas,oen,ot,tre,clos,ons' \
	core net cli tests conf docs .ci ./*.txt ./*.md
