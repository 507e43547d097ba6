#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct cp: what arrives, where, and that a container gets nothing of the host's
# read or written by it.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	here=$BATS_TEST_TMPDIR/here
	mkdir "$here"
	cd "$here" || return
}

teardown()
{
	bg_end
	ctnet gc
}

# inside COMMAND... - in the container; its output
inside()
{
	ct exec box "$@"
}

@test "a file in and out again: contents, mode, times, the caller's own" {
	head -c 300000 /dev/urandom >data
	chmod 640 data
	chown 12:34 data
	touch -d '2001-02-03 04:05:06.789 UTC' data
	start box
	gives 0 ct cp data box:/root/copy
	equal "$output$stderr" ""
	equal "$(inside sha256sum /root/copy | cut -d' ' -f1)" "$(sha256sum <data | cut -d' ' -f1)"
	equal "$(inside stat -c '%a %u:%g %Y' /root/copy)" "640 0:0 981173106"
	gives 0 ct cp box:/root/copy back
	cmp data back
	equal "$(stat -c '%a %u:%g %.3Y' back)" "640 0:0 981173106.789"
}

@test "-a: owners, set-id bits and attributes; without it none of them" {
	mkdir tree
	echo x >tree/x
	chown 12:34 tree tree/x
	chmod 6755 tree/x
	setcap cap_net_raw=p tree/x
	start box
	gives 0 ct cp -a tree box:/root/
	equal "$(inside stat -c '%a %u:%g' /root/tree/x /root/tree | xargs)" "6755 12:34 755 12:34"
	gives 0 ct cp -a box:/root/tree full
	equal "$(stat -c '%a %u:%g' full/x)" "6755 12:34"
	[[ $(getcap full/x) == *cap_net_raw* ]] || fail "the attribute is lost"
	gives 0 ct cp box:/root/tree plain
	equal "$(stat -c '%a %u:%g' plain/x)" "755 0:0"
	equal "$(getcap plain/x)" ""
}

@test "where it goes: docker's table" {
	echo new >file
	mkdir -p tree/sub
	echo in >tree/sub/in
	start box -- sh -c 'mkdir /root/dir; echo old >/root/old; exec sleep 1000'
	wait_for 10 inside test -e /root/old
	gives 0 ct cp file box:/root/dir
	gives 0 ct cp file box:/root/dir/named
	gives 0 ct cp file box:/root/old
	equal "$(inside cat /root/dir/file /root/dir/named /root/old | xargs)" "new new new"
	refuses 1 'there is no such directory' ct cp file box:/root/none/
	refuses 1 'No such file' ct cp file box:/root/none/x
	refuses 1 'Not a directory' ct cp file box:/root/old/
	refuses 1 'No such file' ct cp none box:/root/
	gives 0 ct cp tree box:/root/dir
	gives 0 ct cp tree box:/root/other
	gives 0 ct cp tree/. box:/root/dir
	equal "$(inside cat /root/dir/tree/sub/in /root/other/sub/in /root/dir/sub/in | xargs)" "in in in"
	refuses 1 'not copied over a file' ct cp tree box:/root/old
	# out, and relative to the root of the container
	gives 0 ct cp box:root/dir/sub out
	equal "$(cat out/in)" in
	gives 0 ct cp box:/root/dir/. merged
	equal "$(find merged -type f | sort | xargs)" \
		"merged/file merged/named merged/sub/in merged/tree/sub/in"
}

@test "from one container into another, and two that are both the host's" {
	start box -- sh -c 'echo one >/root/one; exec sleep 1000'
	wait_for 10 inside test -s /root/one
	start other
	gives 0 ct cp box:/root/one other:/root/
	equal "$(ct exec other cat /root/one)" one
	refuses 2 'neither' ct cp a b
	refuses 2 'a path is missing' ct cp a box:
	refuses 1 'no container' ct cp a nobody:/x
	complains 'hint'
	echo colon >./a:b
	gives 0 ct cp ./a:b other:/root/
	equal "$(ct exec other cat /root/a:b)" colon
}

@test "links are copied as links; -L copies what the source points to" {
	ln -s /etc/hostname link
	mkdir tree
	ln -s ../../../etc/shadow tree/up
	start box
	gives 0 ct cp link box:/root/
	gives 0 ct cp tree box:/root/
	equal "$(inside readlink /root/link)" /etc/hostname
	equal "$(inside readlink /root/tree/up)" ../../../etc/shadow
	echo target >target
	ln -s target also
	gives 0 ct cp -L also box:/root/
	equal "$(inside sh -c 'test ! -L /root/also && cat /root/also')" target
	gives 0 ct cp box:/root/link back
	equal "$(readlink back)" /etc/hostname
}

@test "holes stay holes, and a large file arrives whole" {
	truncate -s 1G sparse
	printf middle | dd of=sparse bs=1 seek=500M conv=notrunc status=none
	start box
	gives 0 ct cp sparse box:/root/
	equal "$(inside stat -c %s /root/sparse)" 1073741824
	[ "$(inside stat -c %b /root/sparse)" -lt 1000 ] || fail "it is not sparse"
	gives 0 ct cp box:/root/sparse back
	cmp sparse back
	[ "$(stat -c %b back)" -lt 1000 ] || fail "it is not sparse"
}

@test "a container that has ended, or a disk that is full: a clear error, nothing half there" {
	head -c 3000000 /dev/urandom >data
	start box --upper-size 1M
	refuses 1 'No space left' ct cp data box:/root/data
	equal "$(inside find /root -type f)" ""
	refuses 1 'Read-only' ct cp data box:/proc/sys/kernel/core_pattern
	kill "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	refuses 1 'no container box|not running' ct cp box:/etc/passwd .
}

# ---- attacks -----------------------------------------------------------------

# canary - a file of the host's that no container may read or write: $canary
canary()
{
	canary=$BATS_TEST_TMPDIR/canary
	mkdir -p "$BATS_TEST_TMPDIR/secret"
	echo untouched >"$canary"
	echo secret >"$BATS_TEST_TMPDIR/secret/file"
	before=$(find "$BATS_TEST_TMPDIR/secret" "$canary" -printf '%p %s %m %T@\n' | sort)
}

untouched()
{
	equal "$(cat "$canary")" untouched
	equal "$(find "$BATS_TEST_TMPDIR/secret" "$canary" -printf '%p %s %m %T@\n' | sort)" "$before"
}

@test "links and dots that lead out of the container lead to its own root" {
	canary
	echo evil >evil
	start box -- sh -c "mkdir -p /root/d '$BATS_TEST_TMPDIR'; echo own >'$canary'
		ln -s '$canary' /root/file; ln -s '$BATS_TEST_TMPDIR/secret' /root/dir
		ln -s ../../../../../../../..$canary /root/up; ln -s /root/loop /root/loop
		ln -s /proc/1/root /root/magic; : >/root/ready; exec sleep 1000"
	wait_for 10 inside test -e /root/ready
	# read: the container's own file of that name
	gives 0 ct cp -L box:/root/file read
	equal "$(cat read)" own
	gives 0 ct cp -L box:/root/up read2
	equal "$(cat read2)" own
	gives 0 ct cp "box:/../../../..$canary" read3
	equal "$(cat read3)" own
	refuses 1 'No such file' ct cp box:/root/dir/file leak
	[ ! -e leak ] || fail "the host's file was read"
	# written: likewise
	gives 0 ct cp evil box:/root/file
	equal "$(inside cat "$canary")" evil
	refuses 1 'No such file|no such' ct cp evil box:/root/dir/evil
	refuses 1 'Too many levels' ct cp evil box:/root/loop
	refuses 1 'Too many levels' ct cp evil box:/root/magic/"$canary"
	untouched
}

@test "what a container's tree says is never followed on the host" {
	canary
	start box -- sh -c "mkdir -p /root/t/a; ln -s '$BATS_TEST_TMPDIR/secret' /root/t/b
		ln -s '$canary' /root/t/c; : >/root/ready; exec sleep 1000"
	wait_for 10 inside test -e /root/ready
	gives 0 ct cp box:/root/t tree
	equal "$(readlink tree/c)" "$canary"
	# now the container has a directory and a file where it had links
	inside sh -c 'cd /root/t; rm b c; mkdir b; echo evil >b/file; echo evil >c'
	refuses 1 'Not a directory' ct cp box:/root/t/. tree
	inside rm -r /root/t/b
	gives 0 ct cp box:/root/t/. tree
	equal "$([ -L tree/c ] || cat tree/c)" evil
	untouched
}

@test "pipes, devices and sockets are not opened" {
	start box -- sh -c 'mkdir /root/t; cd /root/t; mkfifo pipe; mknod null c 1 3; echo x >x
		: >/root/ready; exec sleep 1000'
	wait_for 10 inside test -e /root/ready
	gives 0 timeout 10 ct cp box:/root/t tree
	equal "$(cat tree/x)" x
	[ -p tree/pipe ] || fail "a pipe is copied as a pipe"
	[ ! -e tree/null ] || fail "a device was copied"
	complains 'note: .*/null is left out: it is a device'
	gives 0 timeout 10 ct cp box:/root/t/pipe single
	[ -p single ]
	refuses 1 'it is a device' timeout 10 ct cp box:/dev/null out
	# a pipe as the target is replaced, not written to
	echo text >text
	gives 0 timeout 10 ct cp text box:/root/t/pipe
	equal "$(inside cat /root/t/pipe)" text
	refuses 1 'busy' timeout 10 ct cp text box:/dev/null
	refuses 1 'busy' timeout 10 ct cp text box:/etc/hosts
	complains 'mount of its own'
	[ -n "$(inside cat /etc/hosts)" ]
	inside sh -c 'echo x >/dev/null; test -c /dev/null'
	# what has no end has one here
	gives 0 timeout 20 ct cp box:/proc/1/status status
	grep -q '^Name:' status
	gives 0 timeout 20 ct cp box:/ all
	equal "$(find all/proc all/sys -mindepth 1 | head -n 3)" ""
}

@test "one who exchanges directories and links while we copy gets nothing" {
	canary
	local i
	mkdir evil
	echo evil >evil/canary
	echo evil >evil/file
	# shellcheck disable=SC2016
	start box --cap-add ALL -- sh -c "mkdir -p /root/w/real /root/o/d; echo own >/root/w/real/file
		ln -s '$BATS_TEST_TMPDIR/secret' /root/w/link; ln -s '$BATS_TEST_TMPDIR' /root/o/link
		cd /root; : >ready
		while :; do mv w/real w/x; mv w/link w/real; mv w/real w/link; mv w/x w/real
			mv o/d o/x; mv o/link o/d; mv o/d o/link; mv o/x o/d; done"
	wait_for 10 inside test -e /root/ready
	for i in $(seq 60); do
		ct cp box:/root/w/real/file "got$i" 2>/dev/null || true
		ct cp box:/root/w "tree$i" 2>/dev/null || true
		ct cp evil/. box:/root/o/d 2>/dev/null || true
		ct cp evil/canary box:/root/o/d/canary 2>/dev/null || true
	done
	[ "$(find . -name file -size +0 -exec cat {} + | sort -u | grep -c .)" -ge 1 ] ||
		fail "nothing was copied at all"
	equal "$(find . -path ./evil -prune -o -name file -type f -exec grep -l secret {} +)" ""
	untouched
}

@test "names and depths of a container's choice" {
	start box -- sh -c 'cd /root; mkdir -p t; i=0; while [ $i -lt 400 ]; do mkdir d && cd d
		i=$((i+1)); done; cd /root/t; echo x >"$(printf "esc\033[31m")"; echo y >"$(printf "nl\nx")"
		: >/root/ready; exec sleep 1000'
	wait_for 10 inside test -e /root/ready
	refuses 1 'deep' ct cp box:/root/d deep
	gives 0 ct cp box:/root/t tree
	equal "$(cat tree/esc*)" x
	equal "$(cat "tree/nl"$'\n'"x")" y
	run --separate-stderr ct cp "box:/root/t/none"$'\033' .
	[[ $stderr != *$'\033'* ]] || fail "a control character reached the terminal"
}
