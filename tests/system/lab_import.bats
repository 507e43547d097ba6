#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab import: GraphML and the words of mn become a lab file, or nothing is printed.

load lib

GRAPH='<graphml><graph><node id="0"/><node id="1"/><edge source="0" target="1"/></graph></graphml>'

@test "what it prints is a lab" {
	local lab=$BATS_TEST_TMPDIR/lab.ini words
	for words in minimal single,3 linear,2,2 tree,1,3 torus,3,3; do
		gives 0 ctlab import "$words"
		echo "$output" >"$lab"
		gives 0 ctlab lint "$lab"
	done
	echo "$GRAPH" >"$BATS_TEST_TMPDIR/two.graphml"
	gives 0 ctlab import "$BATS_TEST_TMPDIR/two.graphml"
	echo "$output" >"$lab"
	gives 0 ctlab expand -j "$lab"
	equal "$(jq -r '.[0] | "\(.nodes | length) \(.links | length)"' <<<"$output")" "2 1"
}

@test "from stdin, with a name" {
	gives 0 eval 'ctlab import --name mine - <<<"$GRAPH"'
	prints $'\\[lab\\]\nname = mine\n'
	refuses 2 "lab name" ctlab import --name Mine minimal
}

@test "what is none: nothing is printed" {
	refuses 2 "'star,3' is no topology" ctlab import star,3
	refuses 1 'nowhere.graphml: No such file' ctlab import "$BATS_TEST_TMPDIR/nowhere.graphml"
	echo "${GRAPH/target=\"1\"/target=\"2\"}" >"$BATS_TEST_TMPDIR/bad.graphml"
	refuses 2 'an edge leads to node 2, which is not there' \
		ctlab import "$BATS_TEST_TMPDIR/bad.graphml"
	refuses 2 'few' ctlab import
}
