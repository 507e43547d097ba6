#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/examples-containers.md, block by block.

load lib
load tour

export DOC=$CT_TESTS/../docs/examples-containers.md

setup_file()
{
	tour_world
}

# for what an example that failed halfway left
teardown()
{
	local name

	for name in $(ct ps -q); do
		ct rm -f "$name"
	done
	remove_networks
	umount -l /run/state 2>/dev/null || true
	rm -rf /run/src /run/www /run/image /run/bundle /run/box.tar.gz /run/state /run/data
}

@test "every section of the document is run here" {
	tour_is_whole ctrun
}

@test "a fork bomb" {
	tours 1 ctrun
}

@test "a limited build" {
	tours 2 ctrun
}

@test "a device hidden, a device given" {
	(: </dev/net/tun) 2>/dev/null || skip "needs /dev/net/tun"
	tours 3 ctrun
}

@test "a debug shell" {
	tours 4 ctrun
}

@test "a service in the background" {
	tours 5 ctrun
}

@test "an OCI bundle on a network" {
	command -v umoci >/dev/null || skip "needs umoci"
	tours 6 ctrun
}

@test "an archive as root" {
	tours 7 ctrun
}

@test "a container in a user namespace" {
	tours 8 ctrun
}
