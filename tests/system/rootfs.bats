#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The root file system: layers, what is kept of it, and together with what else
# may be asked for.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	export DIR=$BATS_TEST_TMPDIR
	mkdir "$DIR/low" "$DIR/up"
}

teardown()
{
	bg_end
}

# bats test_tags=vm
@test "layers: the topmost wins, whiteouts and opaque directories hide" {
	mkdir -p "$DIR/low/d" "$DIR/mid/d" "$DIR/top"
	echo low >"$DIR/low/same"
	echo low >"$DIR/low/gone"
	echo low >"$DIR/low/d/low"
	echo mid >"$DIR/mid/same"
	echo mid >"$DIR/mid/d/mid"
	mknod "$DIR/mid/gone" c 0 0
	setfattr -n trusted.overlay.opaque -v y "$DIR/mid/d" 2>/dev/null || rm "$DIR/low/d/low"
	gives 0 ctrun --rootfs "$DIR/top:$DIR/mid:$DIR/low:$ROOTFS" sh -c 'cat /same; ls /d; ls /gone 2>/dev/null; true'
	equal "${lines[*]}" "mid mid"
	gives 0 ctrun --read-only --rootfs "$DIR/mid:$ROOTFS" cat /same
	equal "$output" mid
	refuses 125 "empty path" ctrun --rootfs "$DIR/top::$ROOTFS" true
	refuses 125 "No such file" ctrun --rootfs "$DIR/none:$ROOTFS" true
}

# bats test_tags=vm
@test "--upper keeps what is written, from one run to the next, for a root of layers and the host's" {
	gives 0 in_box --upper "$DIR/up" sh -c 'echo kept >/kept && rm /etc/group'
	gives 0 in_box --upper "$DIR/up" sh -c 'cat /kept; ls /etc'
	equal "$output" "kept"$'\n'"hostname"$'\n'"hosts"$'\n'"passwd"$'\n'"resolv.conf"
	equal "$(cat "$DIR/up/upper/kept")" kept
	gives 0 in_box sh -c 'ls /kept 2>/dev/null; ls /etc/group'
	equal "$output" /etc/group
	mkdir "$DIR/host"
	gives 0 ctrun --upper "$DIR/host" sh -c 'echo host >/kept'
	gives 0 ctrun --upper "$DIR/host" cat /kept
	equal "$output" host
	[ ! -e /kept ] || fail "written to the host"
	refuses 125 "make it first" in_box --upper "$DIR/none" true
	refuses 125 "exclude each other" in_box --upper "$DIR/up" --read-only true
}

@test "--upper in use by one cannot be another's, or says so" {
	start one --upper "$DIR/up"
	run --separate-stderr in_box --upper "$DIR/up" true
	if [ "$status" != 0 ]; then
		equal "$status" 125
		complains "upper"
	fi
	bg_end
	wait_for 5 not is_running one
	gives 0 in_box --upper "$DIR/up" true
}

@test "--rootfs-rw: written through, alone and read-only below volumes" {
	cp -a "$ROOTFS" "$DIR/rw"
	gives 0 ctrun --rootfs "$DIR/rw" --rootfs-rw -v "$DIR/low:/vol:ro" sh -c 'echo x >/new && ! touch /vol/x 2>/dev/null'
	equal "$(cat "$DIR/rw/new")" x
	equal "$(ls "$DIR/low")" ""
	# the mount point stays, as an empty directory
	[ -d "$DIR/rw/vol" ] || fail "no mount point"
	refuses 125 "needs one --rootfs" ctrun --rootfs-rw true
	refuses 125 "needs one --rootfs" ctrun --rootfs-rw --rootfs "$DIR/rw:$ROOTFS" true
	refuses 125 "needs one --rootfs" ctrun --rootfs-rw --read-only --rootfs "$DIR/rw" true
	gives 0 ctrun --rootfs "$DIR/rw" --rootfs-rw awk '$5 == "/" { print $6 }' /proc/self/mountinfo
	prints 'nosuid,nodev'
}

@test "--read-only: nothing of the root may be written, for each kind of root" {
	local root
	for root in "--rootfs $ROOTFS" "--rootfs $DIR/low:$ROOTFS" "" "--host-root all"; do
		# shellcheck disable=SC2086 # it is words
		gives 0 ctrun --read-only $root --tmpfs /tmp sh -c \
			'for d in / /etc /var /usr /bin; do ! touch $d/x 2>/dev/null || echo "written: $d"; done
			echo x >/tmp/x && cat /tmp/x && : >/dev/null && : >/dev/shm/x'
		equal "$output" x
	done
}

@test "--upper-size, and what is written beyond" {
	denied in_box --upper-size 1M sh -c 'dd if=/dev/zero of=/x bs=64k count=32 2>&1'
	prints 'No space'
	gives 0 in_box --upper-size 4M sh -c 'dd if=/dev/zero of=/x bs=64k count=32 2>/dev/null && wc -c </x'
	equal "$output" 2097152
}

@test "nothing of the host's paths is in the mount table, with everything asked for" {
	gives 0 in_box -v "$DIR/low:/v" --tmpfs /mem --device /dev/zero:/dev/nil --mask /etc/passwd --upper "$DIR/up" \
		cat /proc/self/mountinfo
	[[ $output != *"$ROOTFS"* && $output != */upper* && $output != *scratch* ]] || fail "$output"
	equal "$(awk '$5 == "/"' <<<"$output" | wc -l)" 1
}
