#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Hostile root file systems, and those who change them while a container starts.
# What an image alone can do is in runner.bats; here somebody exchanges names in
# a race with the runner, or takes the root away. The host is looked at afterwards.

load lib

setup_file()
{
	make_rootfs
	export FLIP=$BATS_FILE_TMPDIR/flip
	# renameat2(RENAME_EXCHANGE) of two names as fast as it goes
	cat >"$BATS_FILE_TMPDIR/flip.c" <<-'EOT'
		#define _GNU_SOURCE
		#include <fcntl.h>
		#include <stdio.h>
		int main(int argc, char **argv)
		{
			for (;;)
				if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0)
					return 1;
		}
	EOT
	cc -O1 -o "$FLIP" "$BATS_FILE_TMPDIR/flip.c"
}

setup()
{
	export EVIL=$BATS_TEST_TMPDIR/evil OUTSIDE=$BATS_TEST_TMPDIR/outside VOL=$BATS_TEST_TMPDIR/vol
	mkdir -p "$EVIL" "$OUTSIDE/sub" "$VOL"
	cp -a "$ROOTFS/." "$EVIL/"
	echo original >"$OUTSIDE/marker"
	before=$(host_look)
}

teardown()
{
	bg_end
}

# Everything an escape would change: what is outside, mounts, what the kernel calls for cores.
host_look()
{
	find "$OUTSIDE" -printf '%P %y %m %l\n' | sort
	cat "$OUTSIDE/marker" /proc/sys/kernel/core_pattern
	awk '{ print $4, $5, $9 }' /proc/self/mountinfo | sort
	stat -c '%n %t:%T %a' /dev/null /dev/zero /dev/full
	grep -c . /etc/passwd
}

untouched()
{
	local now
	now=$(host_look)
	[ "$now" = "$before" ] || fail "the host changed: $(diff <(echo "$before") <(echo "$now"))"
}

# race N ARG... - ctrun N times, whatever becomes of each; the shell in it tells what it sees
race()
{
	local n=$1 i
	shift
	for ((i = 0; i < n; i++)); do
		ctrun "$@" sh -c 'cat /etc/hosts /v/a/x/marker /v/a/marker 2>/dev/null; ls /v/a /v/a/x 2>/dev/null; cat /proc/keys' \
			>>"$BATS_TEST_TMPDIR/seen" 2>>"$BATS_TEST_TMPDIR/said" </dev/null || true
	done
}

rounds()
{
	[ -z "${CT_SANITIZED-}" ] && echo 60 || echo 30
}

@test "a volume below another, in which somebody exchanges directory and link (CVE-2021-30465)" {
	mkdir -p "$VOL/a/x" "$BATS_TEST_TMPDIR/inner"
	ln -s / "$VOL/b"
	bg flip "$FLIP" "$VOL/a" "$VOL/b"
	race "$(rounds)" --rootfs "$ROOTFS" -v "$VOL:/v" -v "$BATS_TEST_TMPDIR/inner:/v/a/x"
	is_gone "$bg_pid" && fail "nobody raced"
	bg_end
	[ ! -e /x ] || fail "made on the host"
	untouched
	# and with links to where something is to be seen
	rm -rf "$VOL/a" "$VOL/b"
	mkdir -p "$VOL/a/sub"
	ln -s "$OUTSIDE" "$VOL/b"
	bg flip "$FLIP" "$VOL/a" "$VOL/b"
	race "$(rounds)" --rootfs "$ROOTFS" -v "$VOL:/v" --tmpfs /v/a/sub --mount "type=bind,source=$BATS_TEST_TMPDIR/inner,target=/v/a/new/dir"
	bg_end
	! grep -q original "$BATS_TEST_TMPDIR/seen" || fail "what is outside was seen inside"
	untouched
}

@test "/proc, /sys, /dev and /etc that become links while it starts (CVE-2019-16884, CVE-2026-41579)" {
	local dir way
	for dir in proc sys dev etc; do
		ln -s "$OUTSIDE" "$EVIL/$dir.evil"
		bg "flip-$dir" "$FLIP" "$EVIL/$dir" "$EVIL/$dir.evil"
	done
	for way in --rootfs-rw --read-only --read-only=; do
		[ $way != --read-only= ] || way=--label=a=b # neither of both
		race $(($(rounds) / 2)) $way --rootfs "$EVIL" -v "$VOL:/v"
	done
	bg_end
	untouched
}

@test "/dev/null, /dev/console and the files we provide, exchanged in a root that is written through (CVE-2025-31133, CVE-2025-52565, CVE-2025-24965)" {
	local name
	rm -rf "${EVIL:?}/dev" && mkdir "$EVIL/dev"
	for name in dev/null dev/console dev/pts dev/shm etc/hosts etc/resolv.conf etc/hostname; do
		: >"$EVIL/$name"
		ln -s "$OUTSIDE/marker" "$EVIL/$name.evil"
		bg "flip-${name##*/}" "$FLIP" "$EVIL/$name" "$EVIL/$name.evil"
	done
	race "$(rounds)" --rootfs-rw --rootfs "$EVIL"
	bg_end
	untouched
	! grep -q original "$BATS_TEST_TMPDIR/seen" || fail "what is outside was seen inside"
}

@test "what is masked stays masked, whatever the image has there" {
	local path
	rm -rf "${EVIL:?}/proc" && mkdir -p "$EVIL/proc/keys" "$EVIL/proc/sys"
	mkdir -p "$EVIL/secret"
	echo secret >"$EVIL/secret/file"
	ln -s secret "$EVIL/way"
	ln -s "$OUTSIDE" "$EVIL/out"
	gives 0 ctrun --rootfs "$EVIL" --mask /way:/out/marker:/out sh -c 'ls -A /secret /way; cat /proc/keys; echo done'
	[[ $output != *file* && $output == *done ]] || fail "not masked"
	untouched
	for path in /proc/sys /proc/irq /proc/bus; do
		gives 0 ctrun --rootfs "$EVIL" awk -v p=$path '$5 == p { print $6 }' /proc/self/mountinfo
		[[ $output == ro,* ]] || fail "$path is not read-only"
	done
}

@test "targets that would be made outside: links of every kind on the way (CVE-2024-45310, CVE-2015-1335)" {
	local way
	ln -s "$OUTSIDE" "$EVIL/a"
	mkdir -p "$EVIL/deep/er"
	ln -s ../../../../../../../.."$OUTSIDE" "$EVIL/deep/er/b"
	ln -s b "$EVIL/deep/er/c"
	ln -s /proc/self/root "$EVIL/magic"
	ln -s /proc/1/cwd "$EVIL/magic2"
	ln -s loop "$EVIL/loop"
	for way in --rootfs-rw --read-only --label=a=b; do
		for target in /a/b/c /deep/er/b/x /deep/er/c/x/y /magic/opt/x "/magic2$OUTSIDE/new" /loop/x "/a/../..$OUTSIDE/new"; do
			ctrun $way --rootfs "$EVIL" -v "$VOL:$target" true 2>/dev/null || true
			ctrun $way --rootfs "$EVIL" --tmpfs "$target:copy" true 2>/dev/null || true
			ctrun $way --rootfs "$EVIL" --device "/dev/zero:$target" true 2>/dev/null || true
			untouched
		done
	done
}

@test "a FIFO, a device, a socket and a huge tree where a file or directory is looked for" {
	rm -f "$EVIL/etc/hosts" "$EVIL/etc/passwd"
	mkfifo "$EVIL/etc/hosts" "$EVIL/etc/passwd" "$EVIL/etc/resolv.conf"
	gives 0 timeout 20 ctrun --rootfs "$EVIL" true
	gives 0 timeout 20 ctrun --rootfs "$EVIL" --tmpfs /etc:copy true
	rm -f "$EVIL/etc/hosts"
	mkdir "$EVIL/etc/hosts"
	refuses 125 "/etc/hosts" ctrun --rootfs "$EVIL" true
	rmdir "$EVIL/etc/hosts"
	mkdir "$EVIL/deep"
	(
		cd "$EVIL/deep"
		for _ in {1..300}; do mkdir d && cd d || exit 1; done
	)
	refuses 125 "copy what /deep has" ctrun --rootfs "$EVIL" --tmpfs /deep:copy true
	untouched
}

@test "a tree to copy that somebody changes meanwhile leads nowhere else" {
	local i
	mkdir -p "$EVIL/data/d"
	for i in {1..20}; do echo x >"$EVIL/data/d/$i"; done
	ln -s "$OUTSIDE" "$EVIL/data/e"
	bg flip "$FLIP" "$EVIL/data/d" "$EVIL/data/e"
	for ((i = 0; i < $(rounds); i++)); do
		ctrun --rootfs-rw --rootfs "$EVIL" --tmpfs /data:copy sh -c 'find /data -type f | xargs cat' \
			>>"$BATS_TEST_TMPDIR/seen" 2>/dev/null </dev/null || true
	done
	bg_end
	grep -q x "$BATS_TEST_TMPDIR/seen" || fail "nothing was ever copied"
	! grep -q original "$BATS_TEST_TMPDIR/seen" || fail "what is outside was copied"
	untouched
}

@test "a root that is gone before the start, or is no directory" {
	refuses 125 "No such file" ctrun --rootfs "$BATS_TEST_TMPDIR/nothing" true
	refuses 125 "not a directory|Not a directory|archive" ctrun --rootfs "$ROOTFS:/dev/null" true
	mkdir "$BATS_TEST_TMPDIR/mnt"
	mount -t tmpfs none "$BATS_TEST_TMPDIR/mnt"
	cp -a "$ROOTFS/." "$BATS_TEST_TMPDIR/mnt"
	gives 0 ctrun --rootfs "$BATS_TEST_TMPDIR/mnt" true
	umount "$BATS_TEST_TMPDIR/mnt"
	refuses 127 "true: not found" ctrun --rootfs "$BATS_TEST_TMPDIR/mnt" true
	ln -s nowhere "$BATS_TEST_TMPDIR/link"
	refuses 125 "No such file" ctrun --rootfs "$BATS_TEST_TMPDIR/link" true
}

@test "a root that vanishes while the container runs: it ends cleanly, nothing is left" {
	local way
	for way in --rootfs-rw --label=a=b; do
		rm -rf "$EVIL" && mkdir "$EVIL" && cp -a "$ROOTFS/." "$EVIL/"
		bg c ctrun $way --name c --rootfs "$EVIL" -v "$VOL:/v" sleep 1000
		wait_for 10 is_running c
		rm -rf "$EVIL" 2>/dev/null || true
		run --separate-stderr sh -c 'ct exec c true || exit 1'
		[ "$status" != 0 ] || [ -e "$EVIL/bin" ] || [ $way != --rootfs-rw ] || fail "a command from nowhere"
		[ "${#stderr_lines[@]}" -le 2 ] || fail "more than a line and a hint"
		# mounts went with the directories they were on, volumes too: it is told by a signal
		kill -TERM "$bg_pid"
		wait_for 10 is_gone "$bg_pid"
		equal "$(ct ps -j)" '[]'
		bg_end
	done
	equal "$(ls -A /run/ctnet/containers)" ""
}

@test "a start from a root that is being removed or unmounted" {
	local i
	for i in {1..15}; do
		rm -rf "$EVIL"
		mkdir "$EVIL" && mount -t tmpfs none "$EVIL"
		cp "$ROOTFS/bin/busybox" "$EVIL/sh"
		mkdir "$EVIL/bin" && mv "$EVIL/sh" "$EVIL/bin/sh"
		bg remove sh -c 'rm -rf "$EVIL"/* 2>/dev/null; umount -l "$EVIL"'
		ctrun --rootfs-rw --rootfs "$EVIL" sh -c : 2>"$BATS_TEST_TMPDIR/err" </dev/null || true
		[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -le 2 ] || fail "$(cat "$BATS_TEST_TMPDIR/err")"
		wait_for 5 is_gone "$bg_pid"
		wait "$bg_pid" || true
		umount -l "$EVIL" 2>/dev/null || true
	done
	equal "$(ls -A /run/ctnet/containers)" ""
}
