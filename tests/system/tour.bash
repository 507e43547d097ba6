# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The blocks of docs/tour-networks.md. The info string of a fence says what a
# block is: "sh world"; "sh SIDE" sets up a section, "sh SIDE look" and "sh
# look" (of every side) look at it, "sh SIDE undo" takes it away; "text" is what
# the block before it prints. Sides are hand, iptables and ctnet.

# tour_sections DOC, tour_sides DOC SECTION
tour_sections()
{
	sed -n 's/^## \([0-9]*\)\. .*/\1/p' "$1"
}

tour_sides()
{
	awk -v section="$2" '/^## / { n = $2 + 0 }
		/^```sh [a-z]+$/ && n == section && $2 != "look" { print $2 }' "$1"
}

# tour_script DOC SECTION SIDE DIR - bash that runs one side of a section; each
# look prints into DIR/N.got, and what it should have printed is DIR/N.want
tour_script()
{
	awk -v section="$2" -v side="$3" -v dir="$4" '
	/^## / { n = $2 + 0; last = 0 }
	/^```/ && inside { if (inside == "run") print "}" (look ? " >" dir "/" last ".got" : ""); inside = ""; next }
	/^```sh / && n == section {
		look = ($2 == "look" || $3 == "look")
		inside = ($2 == side || $2 == "look") ? "run" : "skip"
		if (inside == "run") {
			last = look ? ++looks : 0
			print "{"
		} else
			last = 0
		next
	}
	/^```text/ && n == section { inside = last ? "want" : "skip"; want = dir "/" last ".want"; next }
	/^```/ { inside = "skip"; next }
	inside == "run" { print }
	inside == "want" { print >want }
	' "$1"
}
