#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of starts that lease ids or unpack an archive.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill

@test "ctrun in a user namespace of its own" {
	unshare -U true 2>/dev/null || skip "this kernel makes no user namespaces"
	dies_everywhere true true ctrun --name one --userns auto --rootfs "$ROOTFS" true
}

@test "ctrun from an archive" {
	mount -t tmpfs cache /var/cache
	local tar=$BATS_TEST_TMPDIR/root.tar
	begin()
	{
		tar -C "$ROOTFS" -cf "$BATS_TEST_TMPDIR/root.tar" .
	}
	# an archive that is gone takes what was unpacked of it along
	end()
	{
		rm "$BATS_TEST_TMPDIR/root.tar"
	}
	dies_everywhere begin end ctrun --name one --rootfs "$tar" true
	umount /var/cache
}
