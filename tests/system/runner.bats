#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What images, volumes and payloads have done to container runners, and what
# must not happen here. The number of an attack is in its name.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	export EVIL=$BATS_TEST_TMPDIR/evil OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir -p "$EVIL" "$OUTSIDE"
	cp -a "$ROOTFS/." "$EVIL/"
	echo original >"$OUTSIDE/marker"
}

teardown()
{
	bg_end
}

# The directory outside of every rootfs is as it was.
untouched()
{
	equal "$(ls -A "$OUTSIDE")" marker
	equal "$(cat "$OUTSIDE/marker")" original
}

# descendants_gone WORD - no process has WORD in its command line
descendants_gone()
{
	! pgrep -f -- "$1" >/dev/null
}

# bats test_tags=vm
@test "the root leads nowhere else: /.., mount table, old root" {
	gives 0 ctrun --rootfs "$ROOTFS" sh -c 'ls -di / /.. /../..  | sed "s/ .*//" | sort -u | wc -l'
	equal "$output" 1
	gives 0 ctrun --rootfs "$ROOTFS" cat /proc/self/mountinfo
	[[ $output != *"$ROOTFS"* ]] || fail "a path of the host is in the mount table"
	gives 0 ctrun --rootfs "$ROOTFS" sh -c 'cut -d" " -f5 /proc/self/mountinfo | grep -cx /'
	equal "$output" 1
}

@test "/etc/hosts and /etc/resolv.conf that are links write nothing outside (CVE-2025-24965)" {
	local way
	ln -sf "$OUTSIDE/marker" "$EVIL/etc/hosts"
	ln -sf "$OUTSIDE/new" "$EVIL/etc/resolv.conf"
	for way in "" --read-only --rootfs-rw; do
		# shellcheck disable=SC2086 # an option or nothing
		run ctrun $way --rootfs "$EVIL" true
		untouched
	done
	rm -r "${EVIL:?}/etc"
	ln -s "$OUTSIDE" "$EVIL/etc"
	run ctrun --rootfs-rw --rootfs "$EVIL" true
	untouched
}

@test "/dev that is a link is not filled (CVE-2026-41579)" {
	rmdir "$EVIL/dev"
	ln -s "$OUTSIDE" "$EVIL/dev"
	refuses 125 "/dev.*[Nn]ot a directory" ctrun --rootfs "$EVIL" true
	refuses 125 "/dev.*[Nn]ot a directory" ctrun --rootfs-rw --rootfs "$EVIL" true
	untouched
	rm "$EVIL/dev"
	ln -s tmp "$EVIL/dev" # inside of the root: still no place to write to
	refuses 125 "/dev.*[Nn]ot a directory" ctrun --rootfs "$EVIL" true
}

@test "/dev/null of the image is not what masks are made of (CVE-2025-31133)" {
	ln -sf /proc/sys/kernel/core_pattern "$EVIL/dev/null"
	ln -sf /etc/passwd "$EVIL/dev/console"
	gives 0 ctrun --rootfs "$EVIL" sh -c 'cat /proc/keys /proc/timer_list; [ -c /dev/null ]'
	equal "$output" ""
	gives 0 ctrun --rootfs "$EVIL" stat -c %t:%T /dev/null
	equal "$output" 1:3
}

@test "a volume cannot go over /proc, the root, or out by \"..\" or a link (CVE-2019-19921, CVE-2015-1335)" {
	local way
	refuses 125 "/proc" ctrun --rootfs "$ROOTFS" -v "$OUTSIDE:/proc" true
	refuses 125 "/proc" ctrun --rootfs "$ROOTFS" -v "$OUTSIDE:/proc/sys" true
	refuses 125 "root|/" ctrun --rootfs "$ROOTFS" -v "$OUTSIDE:/" true
	ln -s / "$EVIL/opt"
	ln -s "$OUTSIDE" "$EVIL/mnt"
	ln -s ../../../../../../../../.."$OUTSIDE" "$EVIL/srv"
	for way in "" --rootfs-rw; do
		# shellcheck disable=SC2086
		run ctrun $way --rootfs "$EVIL" -v "$ROOTFS:/opt/ct-escape/x" \
			-v "$ROOTFS:/mnt/a/b" -v "$ROOTFS:/srv/a/b" true
		untouched
		[ ! -e /ct-escape ] || fail "made on the host"
	done
}

@test "no working directory outside: /proc/self/fd (CVE-2024-21626)" {
	local n
	for n in 0 1 2 3 4 5 6 7 8 9 10 12 15 20; do
		run ctrun --rootfs "$ROOTFS" --workdir "/proc/self/fd/$n" pwd </
		[ "$status" = 125 ] || fail "started in descriptor $n"
	done
	gives 0 ctrun --rootfs "$ROOTFS" --workdir /tmp pwd
	equal "$output" /tmp
}

# bats test_tags=vm
@test "no descriptor of the runner or its caller is inherited" {
	exec 9</ 8<"$OUTSIDE/marker"
	gives 0 ctrun --rootfs "$ROOTFS" sh -c 'for f in /proc/self/fd/*; do
		[ "${f##*/}" -le 2 ] || [ ! -e "$f" ] || readlink "$f"; done'
	exec 9<&- 8<&-
	equal "$output" ""
	start one
	exec 9</
	gives 0 ct exec one sh -c 'for f in /proc/self/fd/*; do
		[ "${f##*/}" -le 2 ] || [ ! -e "$f" ] || readlink "$f"; done'
	exec 9<&-
	equal "$output" ""
}

@test "a standard descriptor that is closed becomes none of the runner's" {
	gives 125 sh -c 'ctrun -w /proc/self/fd/0 --rootfs "$ROOTFS" true <&-'
	complains "Not a directory"
	gives 0 sh -c 'ctrun --rootfs "$ROOTFS" sh -c "[ ! -e /proc/\$\$/fd/0 ]" <&-'
	gives 1 sh -c 'ct ps >&-'
	complains "cannot write the output"
}

@test "a process entering shows the container no descriptors (CVE-2016-9962)" {
	local i
	start one -- sh -c 'exec </dev/null >/seen 2>/dev/null
		while :; do ls -l /proc/[0-9]*/fd /proc/[0-9]*/exe; done'
	for i in {1..30}; do
		ct exec one true </dev/null >/dev/null 2>&1
	done
	ct exec one cat /seen </dev/null >"$BATS_TEST_TMPDIR/seen"
	grep -q busybox "$BATS_TEST_TMPDIR/seen"
	run grep -E "/run/ctnet|/ct(run)?\$|memory|cgroup" "$BATS_TEST_TMPDIR/seen"
	equal "$(head -n 3 <<<"$output")" ""
}

# bats test_tags=vm
@test "a payload cannot outlive its runner, whatever it does" {
	local word=986427
	start one -- sh -c "trap '' HUP INT TERM QUIT
		(setsid sh -c \"trap '' HUP INT TERM; sleep $word & sleep $word\" &)
		while :; do sleep $word; done"
	wait_for 5 pgrep -f "sleep $word"
	kill -KILL "$bg_pid"
	wait_for 5 descendants_gone "sleep $word"
	wait_for 5 not pgrep -x ct-guard
}

@test "root in a user namespace of its own cannot end the container" {
	gives 0 in_box --cap-add SYS_ADMIN sh -c \
		'su user -c "unshare -U -r sh -c \"kill -TERM 1\""; usleep 200000; echo alive'
	equal "$output" alive
}

@test "a later command dies with its own runner" {
	local word=986428
	start one
	bg two ct exec one sleep "$word"
	wait_for 5 pgrep -f "^sleep $word"
	kill -KILL "$bg_pid"
	wait_for 5 descendants_gone "^sleep $word"
	is_running one
}

@test "a later command gets its privileges from the record, not from the container's /proc (CVE-2015-1334)" {
	start one --privileged -- sh -c 'mount -t tmpfs tmpfs /proc && mkdir -p /proc/self/attr /proc/1 &&
		echo fake >/proc/self/status; sleep 1000'
	wait_for 5 eval 'ct exec one sh -c "! test -e /proc/uptime"'
	gives 0 ct exec one cat /proc/self/status
	equal "$output" fake
}

@test "every writable place is nodev and nosuid" {
	gives 0 ctrun --rootfs "$ROOTFS" --tmpfs /mem -v "$OUTSIDE:/vol" sh -c \
		'awk "\$4 ~ /(^|,)rw/ && \$3 != \"x\"" /proc/self/mounts | grep -v -e nodev -e devpts -e " /dev/" -e " /proc/"; true'
	equal "$output" ""
	denied ctrun --rootfs "$ROOTFS" sh -c 'mknod /tmp/d b 7 0 2>/dev/null; mknod /dev/d c 1 1; cat /tmp/d /dev/d'
}

@test "paths that are read-only or masked stay so" {
	denied ctrun --rootfs "$ROOTFS" sh -c 'echo x >/proc/sys/kernel/core_pattern'
	denied ctrun --rootfs "$ROOTFS" sh -c 'echo x >/sys/kernel/mm/ksm/run'
	denied ctrun --rootfs "$ROOTFS" umount /proc/sys
	denied ctrun --rootfs "$ROOTFS" mount -o remount,rw /sys
	denied ctrun --rootfs "$ROOTFS" --cap-add ALL umount /proc/keys/x
}

@test "a layer is never written to; --rootfs-rw is" {
	gives 0 ctrun --rootfs "$EVIL" sh -c 'echo x >/new; rm /bin/ls; rm -r /var; mkdir /var; echo x >/etc/passwd'
	[ ! -e "$EVIL/new" ] && [ -e "$EVIL/bin/ls" ] && [ "$(wc -l <"$EVIL/etc/passwd")" = 2 ] || fail "written"
	gives 0 ctrun --rootfs-rw --rootfs "$EVIL" sh -c 'echo x >/new'
	equal "$(cat "$EVIL/new")" x
	mkdir "$BATS_TEST_TMPDIR/keep"
	gives 0 ctrun --upper "$BATS_TEST_TMPDIR/keep" --rootfs "$EVIL" sh -c 'echo y >/kept'
	gives 0 ctrun --upper "$BATS_TEST_TMPDIR/keep" --rootfs "$EVIL" cat /kept
	equal "$output" y
	[ ! -e "$EVIL/kept" ] || fail "written"
}

# bats test_tags=vm
@test "layers: the first has its way, whiteouts of many" {
	local i layers=$BATS_TEST_TMPDIR/l0
	for i in {0..61}; do
		mkdir "$BATS_TEST_TMPDIR/l$i"
		echo "$i" >"$BATS_TEST_TMPDIR/l$i/top"
		echo "$i" >"$BATS_TEST_TMPDIR/l$i/only$i"
		[ "$i" = 0 ] || layers+=:$BATS_TEST_TMPDIR/l$i
	done
	gives 0 ctrun --rootfs "$layers:$ROOTFS" sh -c 'cat /top /only61; pwd'
	equal "${lines[*]}" "0 61 /"
	refuses 125 'more than 63 layers' ctrun --rootfs "$layers:$layers:$ROOTFS" true
}

@test "a bare image gets its mount points, read-only too" {
	local bare=$BATS_TEST_TMPDIR/bare way
	mkdir -p "$bare/bin"
	cp "$ROOTFS/bin/busybox" "$bare/bin/sh"
	for way in "" --read-only; do
		# shellcheck disable=SC2086
		gives 0 ctrun $way --rootfs "$bare" -v "$OUTSIDE:/deep/er/vol:ro" --tmpfs /mem \
			sh -c 'read a </deep/er/vol/marker; echo $a; echo x >/mem/x; [ -c /dev/null ]; [ -e /etc/hosts ]'
		equal "$output" original
	done
	equal "$(ls "$bare")" bin
}

@test "the host's root: copy-on-write, secrets and state hidden" {
	gives 0 ctrun sh -c 'ls /root /home /run /tmp; ls /etc/shadow /etc/gshadow /var/lib/docker 2>/dev/null; true'
	[[ $output != *shadow* ]] && [[ $output != *docker* ]] || fail "not hidden"
	gives 0 ctrun sh -c 'echo x >/etc/ct-new && rm /bin/sh && rm -rf /root && ! ls /etc/shadow /root 2>/dev/null'
	[ ! -e /etc/ct-new ] && [ -e /bin/sh ] || fail "the host was written to"
	gives 0 ctrun --read-only sh -c '! (: >/etc/ct-new) 2>/dev/null && ls /etc/passwd'
	gives 0 ctrun --host-root all sh -c 'ls /etc/passwd'
}

@test "state is hidden wherever it is, behind a name with a blank too" {
	mount -t tmpfs -o mode=755 none /mnt
	mkdir "/mnt/st ate" /mnt/other
	gives 0 ctrun --root "/mnt/st ate" ls /mnt
	equal "$output" other
	umount -l /mnt
}

@test "a terminal and its console are the container's own (CVE-2025-52565)" {
	rm -f "$EVIL/dev/console"
	ln -s /etc/passwd "$EVIL/dev/console"
	gives 0 script -qec "ctrun -t --rootfs $EVIL sh -c 'tty; stat -c %F /dev/console'" /dev/null
	prints '/dev/pts/0'
	prints 'character special'
	equal "$(head -c 5 "$EVIL/etc/passwd")" root:
}

@test "keys cannot be pushed into the caller's terminal (CVE-2017-5226)" {
	command -v perl >/dev/null || skip "perl is not installed"
	# TIOCSTI, also with bits above the 32 that the kernel looks at
	gives 0 script -qec "ctrun --tty=no perl -e '
		for my \$n (0x5412, 0x100005412) { print ioctl(STDIN, \$n, my \$c = \"x\") ? \"pushed\" : \"no: \$!\", \"\\n\" }'" /dev/null
	[[ $output != *pushed* ]] || fail "TIOCSTI worked"
}

@test "a name of another place is no container id" {
	local id
	for id in ../x a/b "" . .. "$(printf '%0300d' 0)"; do
		run ctrun --name "$id" --rootfs "$ROOTFS" true
		[ "$status" = 125 ] || fail "accepted: $id"
	done
}

@test "fifty starts leave nothing but the spare record" {
	local i
	for i in {1..50}; do
		ctrun --rootfs "$ROOTFS" true
	done
	equal "$(ls -A /run/ctnet/containers)" ""
	gives 0 sh -c 'grep -c . /proc/self/mountinfo'
}
