#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/examples-labs.md, block by block.

load lib
load tour

export DOC=$CT_TESTS/../docs/examples-labs.md

setup_file()
{
	tour_world
}

# for what an example that failed halfway left
teardown()
{
	ctlab down --all >/dev/null
	rm -rf /run/labs
}

@test "every section of the document is run here" {
	tour_is_whole lab
}

@test "two hosts and a wire" {
	tours 1 lab
}

@test "a cable that is pulled out" {
	tours 2 lab
}

@test "a wire that gets worse, and better" {
	tours 3 lab
}

@test "what goes over a wire" {
	tours 4 lab
}

@test "a service, and a node that goes and comes back" {
	tours 5 lab
}

@test "what is expected, in the file" {
	tours 6 lab
}

@test "a file that is edited while the lab runs" {
	tours 7 lab
}

@test "a topology of a few words" {
	tours 8 lab
}
