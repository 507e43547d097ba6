#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --rootfs archive.tar: unpacked once, and by nobody who could do harm.

load lib

setup_file()
{
	make_rootfs
	export TAR=$BATS_FILE_TMPDIR/box.tar
	tar -C "$ROOTFS" -cf "$TAR" .
}

setup()
{
	# a state root of its own, so a cache of its own
	export STATE=$BATS_TEST_TMPDIR/state CACHE=$BATS_TEST_TMPDIR/state/cache/rootfs
	export OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
	echo original >"$OUTSIDE/marker"
}

teardown()
{
	bg_end
	umount -l "$BATS_TEST_TMPDIR"/state* 2>/dev/null || true
}

untouched()
{
	equal "$(ls -A "$OUTSIDE")" marker
	equal "$(cat "$OUTSIDE/marker")" original
}

from()
{
	local archive=$1
	shift
	ctrun --root "$STATE" --rootfs "$archive" "$@"
}

entries()
{
	find "$CACHE" -mindepth 1 -maxdepth 1 ! -name .lock | wc -l
}

# evil FILE PYTHON - an archive with what the statements add to t, a tarfile
evil()
{
	python3 -c '
import io, sys, tarfile
t = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
def add(name, type=tarfile.REGTYPE, link="", data=b"", **more):
    i = tarfile.TarInfo(name)
    i.type, i.linkname, i.size = type, link, len(data)
    for k, v in more.items():
        setattr(i, k, v)
    t.addfile(i, io.BytesIO(data))
exec(sys.argv[2])
t.close()' "$1" "$2"
}

@test "an archive, plain and compressed, as root and as one of the layers" {
	local how
	gives 0 from "$TAR" sh -c 'echo $((6 * 7)); echo x >/new; cat /new'
	equal "${lines[*]}" "42 x"
	gives 0 from "$TAR" ls /
	[[ $output != *new* ]] || fail "written to the cache"
	for how in gzip bzip2 xz zstd; do
		command -v "$how" >/dev/null || continue
		"$how" -c "$TAR" >"$BATS_TEST_TMPDIR/box.$how"
		gives 0 from "$BATS_TEST_TMPDIR/box.$how" true
	done
	mkdir "$BATS_TEST_TMPDIR/top"
	echo top >"$BATS_TEST_TMPDIR/top/top"
	gives 0 from "$BATS_TEST_TMPDIR/top:$TAR" cat /top
	equal "$output" top
	gives 0 from "$TAR" --read-only -v "$OUTSIDE:/vol" cat /vol/marker
	refuses 125 "not a directory" from "$TAR" --rootfs-rw true
}

@test "owners, modes, links, names; no devices, no attributes" {
	local tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/höher" && cp -a "$ROOTFS/." "$tree"
	echo x >"$tree/höher/ünder" && chown 12:34 "$tree/höher/ünder" && chmod 4751 "$tree/höher/ünder"
	ln "$tree/höher/ünder" "$tree/hard"
	touch -d '2001-02-03 04:05:06 UTC' "$tree/höher"
	mknod "$tree/dev/disk" b 7 0
	mkfifo "$tree/fifo"
	chmod 01777 "$tree/tmp"
	tar -C "$tree" --format=pax -cf "$BATS_TEST_TMPDIR/x.tar" .
	gives 0 from "$BATS_TEST_TMPDIR/x.tar" stat -c '%n %a %u %g %h %F' /höher/ünder /hard /fifo /tmp
	equal "$(tr '\n' ';' <<<"$output")" \
		"/höher/ünder 4751 12 34 2 regular file;/hard 4751 12 34 2 regular file;/fifo 644 0 0 1 fifo;/tmp 1777 0 0 2 directory;"
	gives 0 from "$BATS_TEST_TMPDIR/x.tar" stat -c %Y /höher
	equal "$output" 981173106
	equal "$(find "$CACHE" -type b -o -type c)" ""
}

@test "it is unpacked once, and again when the archive changes; the old one goes" {
	local first
	cp "$TAR" "$BATS_TEST_TMPDIR/a.tar"
	gives 0 from "$BATS_TEST_TMPDIR/a.tar" true
	first=$(stat -c %i "$CACHE"/*/root)
	gives 0 from "$BATS_TEST_TMPDIR/a.tar" true
	equal "$(stat -c %i "$CACHE"/*/root)" "$first"
	mkdir "$BATS_TEST_TMPDIR/more"
	echo new >"$BATS_TEST_TMPDIR/more/new"
	tar -C "$BATS_TEST_TMPDIR/more" -rf "$BATS_TEST_TMPDIR/a.tar" new
	gives 0 from "$BATS_TEST_TMPDIR/a.tar" cat /new
	equal "$output" new
	equal "$(entries)" 1
	rm "$BATS_TEST_TMPDIR/a.tar"
	gives 0 ctnet --root "$STATE" gc
	equal "$(entries)" 0
}

@test "what a container uses is not swept, what a killed unpacker left is" {
	cp "$TAR" "$BATS_TEST_TMPDIR/a.tar"
	bg held ctrun --root "$STATE" --name held --rootfs "$BATS_TEST_TMPDIR/a.tar" sleep 1000
	wait_for 10 eval "ct --root $STATE ps -j | jq -e '.[0].status == \"running\"'"
	rm "$BATS_TEST_TMPDIR/a.tar"
	mkdir -p "$CACHE/tmp.4711/root/bin"
	gives 0 ctnet --root "$STATE" gc
	equal "$(entries)" 1
	gives 0 ct --root "$STATE" exec held ls /bin/busybox
	bg_end
	gives 0 ctnet --root "$STATE" gc
	equal "$(entries)" 0
}

@test "what a detached container uses is not swept either, until it has ended" {
	cp "$TAR" "$BATS_TEST_TMPDIR/a.tar"
	gives 0 ctrun --root "$STATE" -d --name held --rootfs "$BATS_TEST_TMPDIR/a.tar" sleep 1000
	rm "$BATS_TEST_TMPDIR/a.tar"
	gives 0 ctnet --root "$STATE" gc
	equal "$(entries)" 1
	gives 0 ct --root "$STATE" exec held ls /bin/busybox
	gives 0 ct --root "$STATE" rm -f held
	wait_for 5 eval "ctnet --root $STATE gc; [ \$(entries) = 0 ]"
}

@test "many at once unpack it once" {
	local i
	for i in {1..6}; do
		bg "c$i" ctrun --root "$STATE" --rootfs "$TAR" sh -c 'echo works'
	done
	for i in {1..6}; do
		wait_for 30 grep -q works "$BATS_TEST_TMPDIR/c$i.out"
	done
	equal "$(entries)" 1
}

@test "kill -9 while it is unpacked: nothing of it is used, the next one sweeps" {
	local big=$BATS_TEST_TMPDIR/big.tar
	# an archive that does not end: the unpacker waits for more of it
	evil "$big" 'add("a", data=b"x"*4096)'
	mkdir "$BATS_TEST_TMPDIR/many"
	for i in {1..3000}; do echo "$i" >"$BATS_TEST_TMPDIR/many/$i"; done
	tar -C "$BATS_TEST_TMPDIR" -cf "$big" many
	tar -C "$ROOTFS" -rf "$big" .
	bg c ctrun --root "$STATE" --rootfs "$big" true
	wait_for 10 eval "ls -d $CACHE/tmp.*/root/many || is_gone $bg_pid"
	kill -KILL "$bg_pid" 2>/dev/null || true
	wait_for 10 is_gone "$bg_pid"
	wait_for 10 not pgrep -x ct-unpack
	gives 0 from "$big" sh -c 'ls /many | wc -l'
	equal "$output" 3000
	equal "$(entries)" 1
}

@test "no path leads out: absolute, dots, links, links to links, hard links" {
	local a=$BATS_TEST_TMPDIR/evil.tar case
	local cases=(
		"add('$OUTSIDE/new', data=b'x')"
		"add('../../../../../../../../../../..$OUTSIDE/new', data=b'x')"
		"add('a/../../b', data=b'x')"
		"add('out', tarfile.SYMTYPE, '$OUTSIDE'); add('out/new', data=b'x')"
		"add('out', tarfile.SYMTYPE, '$OUTSIDE'); add('out/sub/', tarfile.DIRTYPE)"
		"add('d', tarfile.DIRTYPE); add('d/e', tarfile.SYMTYPE, '..'); add('d/e/out', tarfile.SYMTYPE, '$OUTSIDE'); add('d/e/out/new', data=b'x')"
		"add('h', tarfile.LNKTYPE, '$OUTSIDE/marker'); add('h', data=b'x')"
		"add('h', tarfile.LNKTYPE, '../../../../../../..$OUTSIDE/marker')"
		"add('out', tarfile.SYMTYPE, '$OUTSIDE'); add('h', tarfile.LNKTYPE, 'out/marker')"
	)
	for case in "${cases[@]}"; do
		evil "$a" "$case"
		refuses 125 "unpack" from "$a" true
		untouched
		equal "$(entries)" 0
	done
	# a link alone is an ordinary thing, and so is a file in the place of one
	evil "$a" "add('out', tarfile.SYMTYPE, '$OUTSIDE/marker'); add('out', data=b'x')"
	gives 0 from "$TAR:$a" cat /out
	equal "$output" x
	untouched
}

@test "what is no archive, or is cut short" {
	echo "no archive" >"$BATS_TEST_TMPDIR/text"
	refuses 125 "unpack .*archive" from "$BATS_TEST_TMPDIR/text" true
	: >"$BATS_TEST_TMPDIR/empty"
	refuses 125 "unpack" from "$BATS_TEST_TMPDIR/empty" true
	head -c 300000 "$TAR" >"$BATS_TEST_TMPDIR/short"
	refuses 125 "unpack" from "$BATS_TEST_TMPDIR/short" true
	gzip -c "$TAR" | head -c 200000 >"$BATS_TEST_TMPDIR/short.gz"
	refuses 125 "unpack" from "$BATS_TEST_TMPDIR/short.gz" true
	equal "$(entries)" 0
	gives 0 ctnet --root "$STATE" gc
	equal "$(entries)" 0
}

@test "a program that the archive brings is not what unpacks it" {
	# the magic bytes of lrzip and lzop, for which libarchive would execute these
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	local name
	for name in lrzip lzop grzip gzip; do
		printf '#!/bin/sh\ntouch %s/new\n' "$OUTSIDE" >"$BATS_TEST_TMPDIR/bin/$name"
		chmod +x "$BATS_TEST_TMPDIR/bin/$name"
	done
	printf 'LRZI\0\6\0\0' >"$BATS_TEST_TMPDIR/x.lrz"
	printf '\211LZO\0\r\n\032\n\0\0\0' >"$BATS_TEST_TMPDIR/x.lzo"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run from "$BATS_TEST_TMPDIR/x.lrz" true
	equal "$status" 125
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run from "$BATS_TEST_TMPDIR/x.lzo" true
	equal "$status" 125
	untouched
}

@test "a full disk is a clear error, and leaves nothing" {
	mkdir "$STATE"
	mount -t tmpfs -o size=600K,mode=700 none "$STATE"
	refuses 125 "No space left" from "$TAR" true
	complains "is on a file system that is full"
	equal "$(entries)" 0
	umount "$STATE"
}
