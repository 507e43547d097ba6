#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Propagation of mounts in the root of a container. Of volumes: volumes.bats.

# shellcheck disable=SC2317,SC2154
load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	ctnet gc
	umount -R "$BATS_TEST_TMPDIR/dir" 2>/dev/null || true
}

# flags ARG... - the optional fields of the root's line in mountinfo
# shellcheck disable=SC2016
flags()
{
	in_box "$@" awk '$5 == "/" { for (i = 7; $i != "-"; i++) printf "%s ", $i }' \
		/proc/self/mountinfo
}

@test "--propagation as mountinfo has it" {
	equal "$(flags)" ""
	equal "$(flags --propagation private)" ""
	[[ $(flags --propagation shared) == shared:* ]]
	[[ $(flags --propagation rshared) == shared:* ]]
	equal "$(flags --propagation runbindable)" "unbindable "
	gives 0 in_box --propagation rshared grep -c shared: /proc/self/mountinfo
	[ "$output" -gt 3 ]
	refuses 125 "unknown propagation 'public'" in_box --propagation public true
}

@test "--rootfs-rw with slave and shared: the host's mounts appear inside, not the other way" {
	local dir=$BATS_TEST_TMPDIR/dir mode
	cp -a "$ROOTFS" "$dir"
	mkdir "$dir/mnt"
	mount --bind "$dir" "$dir"
	mount --make-shared "$dir"
	for mode in rslave rshared; do
		bg c ctrun --name c --rootfs "$dir" --rootfs-rw --propagation "$mode" --cap-add SYS_ADMIN \
			--seccomp unconfined sleep 1000
		wait_for 10 is_running c
		mount -t tmpfs mark "$dir/mnt"
		gives 0 ct exec c grep -c ' /mnt ' /proc/self/mountinfo
		umount "$dir/mnt"
		gives 0 ct exec c sh -c 'mount -t tmpfs inner /mnt'
		gives 1 grep -q "$dir/mnt" /proc/self/mountinfo
		bg_end
		gives 0 ctnet gc
	done
}
