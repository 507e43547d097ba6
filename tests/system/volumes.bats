#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# -v, --mount, --tmpfs, --shm-size, masks: what the container's mount table and
# its files say of each option.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	export VOL=$BATS_TEST_TMPDIR/vol
	mkdir -p "$VOL"
	echo content >"$VOL/file"
}

teardown()
{
	bg_end
	unmounted "$BATS_TEST_TMPDIR"
}

# Whatever a test mounted in its directory.
unmounted()
{
	local at
	awk -v d="$1/" 'index($5, d) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r at; do
		umount -l "$at"
	done
}

# options_of TARGET ARG... - of the mount there, as a container with ARG... sees it:
# "rw,nosuid,nodev,relatime FSTYPE PROPAGATION SUPER"
options_of()
{
	local target=$1
	shift
	in_box "$@" cat /proc/self/mountinfo | awk -v t="$target" '$5 == t {
		p = ""
		for (i = 7; $i != "-"; i++)
			p = p $i " "
		print $6, $(i + 1), p, $(i + 3)
	}'
}

# has WORDS WORD... - each is one of the comma-separated options in the first field
has()
{
	local words=,${1%% *},
	shift
	local w
	for w; do
		[[ $words == *,$w,* ]] || fail "not $w: $words"
	done
}

lacks()
{
	local words=,${1%% *},
	shift
	local w
	for w; do
		[[ $words != *,$w,* ]] || fail "$w: $words"
	done
}

@test "a bind mount: nosuid and nodev unless said; each option in the mount table" {
	local o
	o=$(options_of /v -v "$VOL:/v")
	has "$o" rw nosuid nodev
	lacks "$o" noexec ro
	o=$(options_of /v -v "$VOL:/v:ro,noexec")
	has "$o" ro nosuid nodev noexec
	o=$(options_of /v -v "$VOL:/v:suid,exec,rw")
	has "$o" rw nodev
	lacks "$o" nosuid noexec
	o=$(options_of /v -v "$VOL:/v:suid,nosuid,nodev,nocopy")
	has "$o" nosuid nodev
	o=$(options_of /v -v "$VOL:/v:dev")
	has "$o" nosuid
	lacks "$o" nodev
}

@test "what is said wins over what the source's mount has" {
	local o
	mount -t tmpfs -o noexec,nosuid none "$VOL"
	o=$(options_of /v -v "$VOL:/v")
	has "$o" noexec
	o=$(options_of /v -v "$VOL:/v:exec")
	lacks "$o" noexec
	cp "$ROOTFS/bin/busybox" "$VOL/true"
	run in_box -v "$VOL:/v" /v/true
	equal "$status" 126
	gives 0 in_box -v "$VOL:/v:exec" /v/true
}

# bats test_tags=vm
@test "read-only: of the mount alone, and of all below it" {
	mkdir "$VOL/below"
	mount -t tmpfs none "$VOL/below"
	gives 0 in_box -v "$VOL:/v" sh -c 'echo x >/v/new && echo x >/v/below/new'
	denied in_box -v "$VOL:/v:ro" touch /v/new
	gives 0 in_box -v "$VOL:/v:ro" touch /v/below/new
	denied in_box -v "$VOL:/v:rro" touch /v/new
	denied in_box -v "$VOL:/v:rro" touch /v/below/new
	# docker's --mount means all of it, unless it says otherwise
	denied in_box --mount "type=bind,source=$VOL,target=/v,readonly" touch /v/below/new
	denied in_box --mount "type=bind,src=$VOL,dst=/v,ro,bind-recursive=writable" touch /v/new
	gives 0 in_box --mount "type=bind,src=$VOL,dst=/v,ro,bind-recursive=writable" touch /v/below/new
	denied in_box --mount "type=bind,src=$VOL,dst=/v,bind-recursive=readonly" touch /v/below/new
}

# bats test_tags=vm
@test "what is mounted below comes along, or not" {
	mkdir "$VOL/below"
	mount -t tmpfs none "$VOL/below"
	touch "$VOL/below/seen"
	gives 0 in_box -v "$VOL:/v" ls /v/below
	equal "$output" seen
	gives 0 in_box -v "$VOL:/v:rbind" ls /v/below
	equal "$output" seen
	gives 0 in_box -v "$VOL:/v:bind" ls /v/below
	equal "$output" ""
	gives 0 in_box --mount "type=bind,source=$VOL,destination=/v,bind-recursive=disabled" ls /v/below
	equal "$output" ""
	gives 0 in_box --mount "type=bind,source=$VOL,destination=/v,bind-nonrecursive" ls /v/below
	equal "$output" ""
}

@test "a relative source, a file, a source that does not exist" {
	cd "$BATS_TEST_TMPDIR"
	gives 0 in_box -v ./vol:/v cat /v/file
	equal "$output" content
	gives 0 in_box --mount type=bind,source=./vol/file,target=/etc/one cat /etc/one
	equal "$output" content
	refuses 125 "No such file" in_box -v ./nothing:/v true
	[ ! -e nothing ] || fail "it was made"
	refuses 125 "is a file, its mount point /tmp is not" in_box -v ./vol/file:/tmp true
}

@test "nested targets, in whatever order; two at one place are refused" {
	mkdir -p "$VOL/x/y" "$BATS_TEST_TMPDIR/inner"
	touch "$BATS_TEST_TMPDIR/inner/inside" "$VOL/x/outside"
	gives 0 in_box -v "$BATS_TEST_TMPDIR/inner:/v/x/y" --tmpfs /v/x/y/mem -v "$VOL:/v" \
		sh -c 'ls /v/x /v/x/y; awk "\$5 ~ /^.v/ { print \$5 }" /proc/self/mountinfo'
	prints 'outside'
	prints 'inside'
	[[ $output == */v$'\n'/v/x/y$'\n'/v/x/y/mem ]] || fail "not in order"
	refuses 125 "two mounts at one place" in_box -v "$VOL:/v" --tmpfs //v/./ true
}

@test "words that are none are refused, with the nearest that is" {
	refuses 125 "unknown option 'readonl'" in_box -v "$VOL:/v:readonl" true
	refuses 125 "did you mean noexec" in_box -v "$VOL:/v:noexe" true
	refuses 125 "unknown option 'size'" in_box -v "$VOL:/v:size=1M" true
	refuses 125 "takes no value" in_box -v "$VOL:/v:ro=1" true
	refuses 125 "did you mean source" in_box --mount "type=bind,sourcex=$VOL,target=/v" true
	refuses 125 "unknown type 'volum'" in_box --mount "type=volum,source=x,target=/v" true
	refuses 125 "volumes with names" in_box --mount "type=volume,source=x,target=/v" true
	refuses 125 "target= is missing" in_box --mount "type=bind,source=$VOL" true
	refuses 125 "source= is missing" in_box --mount "type=bind,target=/v" true
	refuses 125 'an empty KEY=VALUE' in_box --mount '' true
	refuses 125 "unknown propagation" in_box --mount "type=bind,source=$VOL,target=/v,bind-propagation=x" true
	refuses 125 "absolute path" in_box --tmpfs mem true
	refuses 125 "idmap needs --userns" in_box -v "$VOL:/v:idmap" true
	refuses 125 "octal" in_box --tmpfs /mem:mode=99 true
}

@test "--mount: a comma in a path, in quotes as CSV has them" {
	mkdir "$BATS_TEST_TMPDIR/a,b" "$BATS_TEST_TMPDIR/q\"q"
	touch "$BATS_TEST_TMPDIR/a,b/comma" "$BATS_TEST_TMPDIR/q\"q/quote"
	gives 0 in_box --mount "type=bind,\"source=$BATS_TEST_TMPDIR/a,b\",target=/v" ls /v
	equal "$output" comma
	gives 0 in_box --mount "type=bind,\"source=$BATS_TEST_TMPDIR/q\"\"q\",target=/v" ls /v
	equal "$output" quote
	refuses 125 "quote is not closed" in_box --mount "type=bind,\"source=$VOL,target=/v" true
}

@test "tmpfs: size, mode, owner, inodes, options" {
	local o
	o=$(options_of /mem --tmpfs /mem)
	has "$o" rw nosuid nodev noexec
	[[ $o == *tmpfs* ]] || fail "$o"
	o=$(options_of /mem --tmpfs /mem:exec,size=1M,mode=0700,uid=5,gid=6,nr_inodes=50)
	lacks "$o" noexec
	[[ $o == *size=1024k*nr_inodes=50*mode=700*uid=5*gid=6* ]] || fail "$o"
	gives 0 in_box --tmpfs /mem:mode=0750,uid=5,gid=6 stat -c '%a %u %g' /mem
	equal "$output" "750 5 6"
	gives 0 in_box --tmpfs /mem stat -c %a /mem
	equal "$output" 1777
	denied in_box --tmpfs /mem:size=64K dd if=/dev/zero of=/mem/x bs=1k count=100
	complains 'No space'
	denied in_box --tmpfs /mem:ro touch /mem/x
	o=$(options_of /mem --mount type=tmpfs,target=/mem,tmpfs-size=2M,tmpfs-mode=0711,exec)
	lacks "$o" noexec
	[[ $o == *size=2048k*mode=711* ]] || fail "$o"
	refuses 125 "has no source" in_box --mount type=tmpfs,source=/x,target=/mem true
}

@test "tmpfs: it starts empty, or with what the image has there" {
	local image=$BATS_TEST_TMPDIR/image
	cp -a "$ROOTFS" "$image"
	mkdir -p "$image/data/sub" && chmod 0710 "$image/data" && chown 7:8 "$image/data"
	echo one >"$image/data/file" && chmod 4755 "$image/data/file"
	echo two >"$image/data/sub/file" && chown -R 3:4 "$image/data/sub"
	ln -s /etc/passwd "$image/data/link"
	mkfifo "$image/data/fifo"
	gives 0 ctrun --rootfs "$image" --tmpfs /data ls -A /data
	equal "$output" ""
	gives 0 ctrun --rootfs "$image" --tmpfs /data:copy sh -c 'cd /data; cat file sub/file; readlink link
		stat -c "%a %u %g %F" . file sub sub/file fifo; echo x >new'
	equal "$(tr '\n' ';' <<<"$output")" "one;two;/etc/passwd;710 7 8 directory;4755 0 0 regular file;755 3 4 directory;644 3 4 regular file;644 0 0 fifo;"
	[ ! -e "$image/data/new" ] || fail "written to the image"
	denied ctrun --rootfs "$image" --tmpfs /data:copy,ro touch /data/new
	gives 0 ctrun --rootfs "$image" --tmpfs /data:copy,ro cat /data/file
	head -c 100000 /dev/zero >"$image/data/big"
	refuses 125 "No space left" ctrun --rootfs "$image" --tmpfs /data:copy,size=16K true
}

@test "propagation: what the mount table says of each" {
	local o
	mount -t tmpfs none "$VOL" && mount --make-shared "$VOL"
	mkdir "$VOL/below" && mount -t tmpfs none "$VOL/below" && mount --make-shared "$VOL/below"
	for o in "" :private :rprivate; do
		[[ $(options_of /v -v "$VOL:/v$o") != *:* ]] || fail "$o is not private"
	done
	[[ $(options_of /v -v "$VOL:/v:slave") == *master:* ]] || fail slave
	[[ $(options_of /v/below -v "$VOL:/v:rslave") == *master:* ]] || fail rslave
	[[ $(options_of /v -v "$VOL:/v:shared") == *shared:* ]] || fail shared
	[[ $(options_of /v/below -v "$VOL:/v:rshared") == *shared:* ]] || fail rshared
	[[ $(options_of /v --mount "type=bind,src=$VOL,dst=/v,bind-propagation=rslave") == *master:* ]] || fail --mount
	[[ $(options_of /v -v "$VOL:/v:unbindable") == *unbindable* ]] || fail unbindable
	[[ $(options_of /v/below -v "$VOL:/v:unbindable") != *unbindable* ]] || fail "unbindable below"
	[[ $(options_of /v/below -v "$VOL:/v:runbindable") == *unbindable* ]] || fail runbindable
	mount --make-private "$VOL"
	refuses 125 "not a shared mount" in_box -v "$VOL:/v:shared" true
	refuses 125 "not a shared or slave mount" in_box -v "$VOL:/v:slave" true
}

@test "propagation: mounts come and go as it says, seen from either side" {
	mount -t tmpfs none "$VOL" && mount --make-shared "$VOL"
	mkdir "$VOL/host" "$VOL/inside"
	local kind seen
	for kind in private slave shared; do
		start c --cap-add SYS_ADMIN --seccomp unconfined -v "$VOL:/v:r$kind"
		mount -t tmpfs none "$VOL/host"
		touch "$VOL/host/marker"
		seen=$(ct exec c ls /v/host </dev/null)
		[ "$kind" = private ] && equal "$seen" "" || equal "$seen" marker
		umount "$VOL/host"
		equal "$(ct exec c ls /v/host </dev/null)" ""
		ct exec c sh -c 'mount -t tmpfs none /v/inside && touch /v/inside/marker' </dev/null
		seen=$(ls "$VOL/inside")
		[ "$kind" = shared ] && equal "$seen" marker || equal "$seen" ""
		bg_end
		unmounted "$VOL"
		wait_for 5 eval '! is_running c'
	done
}

@test "--shm-size, and the message queues" {
	local o
	o=$(options_of /dev/shm)
	[[ $o == *size=65536k* ]] || fail "$o"
	has "$o" nosuid nodev noexec
	o=$(options_of /dev/shm --shm-size 1M)
	[[ $o == *size=1024k* ]] || fail "$o"
	[[ $(options_of /dev/mqueue) == *mqueue* ]] || fail "no mqueue"
	gives 0 in_box --tmpfs /dev/shm:size=2M df -k /dev/shm
	prints ' 2048 '
}

@test "--mask and --unmask" {
	local o
	gives 0 in_box --mask /etc/passwd --mask /root:/proc/uptime sh -c \
		'cat /etc/passwd /proc/uptime; ls -A /root; touch /root/x 2>/dev/null || echo kept'
	equal "$output" kept
	has "$(options_of /proc/sys)" ro
	equal "$(options_of /proc/sys --unmask /proc/sys)" ""
	has "$(options_of /proc/irq --unmask /proc/sys)" ro
	equal "$(options_of /proc/irq --unmask ALL)" ""
	[ -n "$(options_of /proc/timer_list)$(options_of /proc/keys)" ] || fail "nothing is masked"
	equal "$(options_of /proc/keys --unmask '/proc/*')" ""
	equal "$(options_of /proc/timer_list --unmask '/proc/*')" ""
	refuses 125 "absolute" in_box --mask etc true
	refuses 125 "only unmask" in_box --mask ALL true
}

@test "--read-only: tmpfs, volumes and their mount points work" {
	gives 0 in_box --read-only --tmpfs /tmp -v "$VOL:/deep/er/vol" --mount type=tmpfs,target=/mem \
		sh -c 'echo x >/tmp/x && echo y >/deep/er/vol/y && echo z >/mem/z && ! touch /x 2>/dev/null'
	equal "$(cat "$VOL/y")" y
}
