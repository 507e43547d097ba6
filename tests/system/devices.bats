#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --device, --device-cgroup-rule: the nodes a container has, and what it may do
# with them.

# bats file_tags=vm

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
}

controller()
{
	[ -d /sys/fs/cgroup/devices ] || [ -e /sys/fs/cgroup/cgroup.controllers ] ||
		skip "no devices controller and no cgroup v2 is mounted"
}

# groups_of NAME - where the container's first process is
groups_of()
{
	cat "/proc/$(ct ps -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .pid')/cgroup"
}

@test "a device: its number, mode and owner, under its own name or another, anywhere" {
	mknod -m 0640 "$BATS_TEST_TMPDIR/node" c 1 5
	chown 7:8 "$BATS_TEST_TMPDIR/node"
	gives 0 in_box --device /dev/zero:/dev/nil stat -c '%t:%T %F' /dev/nil
	equal "$output" "1:5 character special file"
	gives 0 in_box --device "$BATS_TEST_TMPDIR/node:/dev/sub/dir/n" stat -c '%t:%T %a %u %g' /dev/sub/dir/n
	equal "$output" "1:5 640 7 8"
	gives 0 in_box --device "$BATS_TEST_TMPDIR/node:/opt/n" sh -c 'head -c 3 /opt/n | od -An -tx1'
	equal "$output" " 00 00 00"
	gives 0 in_box --device /dev/null stat -c '%t:%T' /dev/null
	equal "$output" 1:3
}

@test "a directory: all devices in it" {
	mkdir -p "$BATS_TEST_TMPDIR/d/sub"
	mknod "$BATS_TEST_TMPDIR/d/one" c 1 5
	mknod "$BATS_TEST_TMPDIR/d/sub/two" c 1 7
	touch "$BATS_TEST_TMPDIR/d/file"
	ln -s one "$BATS_TEST_TMPDIR/d/link"
	gives 0 in_box --device "$BATS_TEST_TMPDIR/d:/dev/d" sh -c 'cd /dev/d; find . -type c | sort | xargs stat -c "%n %t:%T"; ls'
	equal "$(tr '\n' ';' <<<"$output")" "./one 1:5;./sub/two 1:7;one;sub;"
	mkdir "$BATS_TEST_TMPDIR/empty"
	refuses 125 "has no device in it" in_box --device "$BATS_TEST_TMPDIR/empty" true
}

@test "words that are none" {
	refuses 125 "No such file" in_box --device /dev/no-such-device true
	refuses 125 "not a device" in_box --device /etc/passwd true
	refuses 125 "absolute" in_box --device zero true
	refuses 125 "rwm" in_box --device /dev/zero:x true
	refuses 125 "letters r, w and m" in_box --device /dev/zero:/dev/nil:rwx true
	refuses 125 "TYPE MAJOR:MINOR ACCESS" in_box --device-cgroup-rule 'c 1:3' true
	refuses 125 "TYPE MAJOR:MINOR ACCESS" in_box --device-cgroup-rule 'x 1:3 rwm' true
	refuses 125 "TYPE MAJOR:MINOR ACCESS" in_box --device-cgroup-rule 'c 1:-3 rwm' true
}

@test "access to a device is what was given" {
	controller
	# tun, which is none of the usual ones and opens for reading or writing alone
	local d=$BATS_TEST_TMPDIR/node
	mknod "$d" c 10 200
	(: <"$d") 2>/dev/null || skip "the kernel has no tun"
	gives 0 in_box --device "$d:/dev/t:r" sh -c ': </dev/t'
	denied in_box --device "$d:/dev/t:r" sh -c ': >/dev/t'
	complains 'not permitted'
	gives 0 in_box --device "$d:/dev/t:rw" sh -c ': >/dev/t && : </dev/t'
	denied in_box --device "$d:/dev/t:w" sh -c ': </dev/t'
	gives 0 in_box --device "$d:/dev/t" sh -c ': >/dev/t && : </dev/t'
	# the usual ones stay what they are
	gives 0 in_box --device /dev/zero:/dev/nil:r sh -c \
		'echo x >/dev/null && head -c 1 /dev/urandom >/dev/null && : >/dev/full && tty </dev/null; true'
	gives 0 script -qec "ctrun -t --rootfs $ROOTFS --device /dev/zero:/dev/nil:r sh -c 'echo works >/dev/tty'" /dev/null
	prints works
}

@test "rules: what is made inside works, or not" {
	controller
	# a file system without nodev, so that the controller alone decides
	local open=(--tmpfs /d:dev)
	denied in_box "${open[@]}" sh -c 'mknod /d/m c 1 11 && head -c 0 /d/m && : >/d/m'
	complains 'not permitted'
	gives 0 in_box "${open[@]}" sh -c 'mknod /d/z c 1 5 && head -c 1 /d/z | od -An -tx1'
	equal "$output" " 00"
	gives 0 in_box "${open[@]}" --device-cgroup-rule 'c 1:11 rw' sh -c 'mknod /d/m c 1 11 && : >/d/m'
	gives 0 in_box "${open[@]}" --device-cgroup-rule 'c 1:* w' sh -c 'mknod /d/m c 1 11 && : >/d/m'
	denied in_box "${open[@]}" --device-cgroup-rule 'c 1:11 r' sh -c 'mknod /d/m c 1 11 && : >/d/m'
	denied in_box --device-cgroup-rule 'c 1:11 rwm' sh -c 'mknod /tmp/m c 1 11 && : >/tmp/m'
	complains 'denied'
}

@test "who may mount is kept from devices by the controller" {
	controller
	denied in_box --cap-add SYS_ADMIN --seccomp unconfined sh -c \
		'mkdir /tmp/d && mount -t tmpfs none /tmp/d && mknod /tmp/d/m c 1 11 && : >/tmp/d/m'
	complains 'not permitted'
}

@test "a container without devices joins no group for them" {
	[ -d /sys/fs/cgroup/devices ] || skip "cgroup v1 has no devices hierarchy here"
	start plain
	start given --device /dev/zero:/dev/nil
	! grep devices <(groups_of plain) | grep -q ctnet || fail "it joined"
	grep devices <(groups_of given) | grep -q ctnet || fail "it did not join"
}

@test "--privileged: the host's devices, and those it makes" {
	local want
	want=$(find /dev -xdev \( -type c -o -type b \) ! -path '/dev/pts/*' ! -path /dev/console ! -path /dev/ptmx \
		-printf '%P\n' | sort)
	gives 0 in_box --privileged sh -c \
		"find /dev -xdev '(' -type c -o -type b ')' ! -path '/dev/pts/*' ! -path /dev/console | sed s,^/dev/,, | sort"
	equal "$(comm -23 <(echo "$want") <(echo "$output"))" ""
	gives 0 in_box --privileged sh -c 'mknod /tmp/m c 1 11 && : >/tmp/m && [ -c /dev/null ]'
	# those that it does not share: the host's are as they were
	[ -c /dev/null ] && [ "$(stat -c %t:%T /dev/null)" = 1:3 ] || fail "the host's /dev/null"
}
