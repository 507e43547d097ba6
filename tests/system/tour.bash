# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Documents whose blocks are run: $DOC is one. The info string of a fence says
# what a block is: "sh world" is there for all sections; "sh SIDE" sets up a
# section, "sh SIDE look" and "sh look" (of every side) look at it, "sh SIDE undo"
# takes it away; "text" is what the blocks in front of it print, those with
# nothing but blank lines between. A side is a word: hand, ctrun.

# tour_world - before all sections
tour_world()
{
	# that of the document
	# shellcheck disable=SC2016 # the backquotes are those of its fences
	bash -euo pipefail -c "$(sed -n '/^```sh world$/,/^```$/{ /^```/d; p }' "$DOC")"
}

tour_sections()
{
	sed -n 's/^## \([0-9]*\)\. .*/\1/p' "$DOC"
}

# tour_sides SECTION
tour_sides()
{
	awk -v section="$1" '/^## / { n = $2 + 0 }
		/^```sh [a-z0-9]+/ && n == section && $2 != "look" && !seen[$2]++ { print $2 }' "$DOC"
}

# tour_script SECTION SIDE DIR - bash that runs one side of a section; each
# look prints into DIR/N.got, and what it should have printed is DIR/N.want
tour_script()
{
	awk -v section="$1" -v side="$2" -v dir="$3" '
	/^## / { n = $2 + 0; last = 0 }
	/^```/ && inside {
		if (inside == "run")
			print "}" (look ? " >" dir "/" last ".got" : "")
		if (inside == "want")
			last = 0
		inside = ""
		next
	}
	/^```sh / && n == section {
		look = ($2 == "look" || $3 == "look")
		inside = ($2 == side || $2 == "look") ? "run" : "skip"
		if (inside == "run") {
			last = look ? ++looks : 0
			print "{"
		}
		next
	}
	/^```text/ && n == section { inside = last ? "want" : "skip"; want = dir "/" last ".want"; next }
	/^```/ { inside = "skip"; next }
	inside == "run" { print }
	inside == "want" { print >want }
	!inside && NF { last = 0 }
	' "$DOC"
}

# tours SECTION SIDE
tours()
{
	local dir=$BATS_TEST_TMPDIR want

	tour_script "$1" "$2" "$dir" >"$dir/script"
	grep -q . "$dir/script" || fail "nothing to type in section $1: $2"
	# what a document shows leaves no time between two commands
	gives 0 bash -euo pipefail "$dir/script" 3>&-
	for want in "$dir"/*.want; do
		diff -u "$want" "${want%.want}.got" || fail "section $1, $2: not what the document shows"
	done
}

# tour_is_whole SIDES - every section and side of the document is run by the
# test file, and every fence is one of ours: SIDES are words with | between
tour_is_whole()
{
	local n side

	for n in $(tour_sections); do
		for side in $(tour_sides "$n"); do
			grep -q "^	tours $n $side\$" "$BATS_TEST_FILENAME" || fail "not run: $n $side"
		done
	done
	equal "$(grep -Ec '^```' "$DOC")" \
		"$(($(grep -Ec "^\`\`\`(sh (world|look|($1)( look| undo)?)|text)\$" "$DOC") * 2))"
}
