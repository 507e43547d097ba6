#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# User namespaces: ids, owners on both sides, what a root without the host's power
# can do, and that nothing is left.

# Functions are called by name.
# shellcheck disable=SC2317,SC2154

# bats file_tags=vm

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
	ctnet gc
}

leases()
{
	find /run/ctnet/userns -type l 2>/dev/null | wc -l
}

init_of()
{
	ct ps -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .pid'
}

@test "--userns auto: ids of its own, root inside, nobody's outside" {
	start a --userns auto
	start b --userns auto
	local a b first
	a=$(init_of a) b=$(init_of b)
	first=$(awk '{ print $2 }' "/proc/$a/uid_map")
	[ "$first" -ge $((0x20000000)) ] || fail "not of the default range: $first"
	[ "$(awk '{ print $1, $3 }' "/proc/$a/uid_map")" = "0 65536" ]
	[ "$(cat "/proc/$a/gid_map")" = "$(cat "/proc/$a/uid_map")" ]
	[ "$(cat "/proc/$a/uid_map")" != "$(cat "/proc/$b/uid_map")" ] || fail "shared ids"
	equal "$(awk '/^Uid/ { print $2 }' "/proc/$a/status")" "$first"
	equal "$(leases)" 2
	gives 0 ct exec a sh -c 'id -u; cat /proc/self/uid_map'
	prints "^0"$'\n'".*$first "
	for kind in user mnt pid uts ipc net cgroup; do
		[ "$(readlink "/proc/$a/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ] ||
			fail "$kind is the host's"
	done
}

@test "a lease is given back, after kill -9 too" {
	gives 0 in_box --userns auto true
	equal "$(leases)" 0
	start a --userns auto
	equal "$(leases)" 1
	kill -KILL "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	gives 0 ctnet gc
	equal "$(leases)" 0
}

@test "[userns] range is where ids come from, and has an end" {
	printf '[userns]\nrange = 500000:65536\n' >>/etc/ctnet/ctnet.conf
	start a --userns auto
	equal "$(awk '{ print $2 }' "/proc/$(init_of a)/uid_map")" 500000
	refuses 125 'all 1 blocks of ids are taken' in_box --userns auto true
	sed -i '/^\[userns\]/,$d' /etc/ctnet/ctnet.conf
}

@test "--uidmap and --gidmap: as given, both sides checked" {
	gives 0 in_box --uidmap 0:100000:1000 --uidmap 1000:300000:1 --gidmap 0:200000:70 \
		cat /proc/self/uid_map /proc/self/gid_map
	equal "$(tr -s ' ' <<<"$output")" " 0 100000 1000
 1000 300000 1
 0 200000 70"
	gives 0 in_box --uidmap 0:100000:1 cat /proc/self/gid_map
	prints '0 +100000 +1$'
	refuses 125 "'nope' is not host, auto, container" in_box --userns nope true
	refuses 125 'overlap in the ids of the container' in_box --uidmap 0:1:5 --uidmap 4:50:1 true
	refuses 125 'overlap in the ids of the host' in_box --uidmap 0:1:5 --uidmap 9:5:1 true
	refuses 125 'id 0 has no place' in_box --uidmap 1:1:5 true
	refuses 125 'not among the mapped ids' in_box --user 7 --uidmap 0:100000:7 true
	local many=() i
	for ((i = 0; i <= 340; i++)); do many+=(--uidmap "$i:$((100000 + 2 * i)):1"); done
	refuses 125 "more than the kernel's 340" in_box "${many[@]}" true
}

@test "owners of the root: 0 on disk is 0 inside, and the other way round" {
	local dir=$BATS_TEST_TMPDIR/root
	cp -a "$ROOTFS" "$dir"
	chown 1000:1000 "$dir/var"
	gives 0 ctrun --userns auto --rootfs "$dir" --rootfs-rw sh -c \
		'stat -c %u:%g /bin /var; touch /mine; chown 7:8 /mine; stat -c %u:%g /mine'
	equal "$output" $'0:0\n1000:1000\n7:8'
	equal "$(stat -c %u:%g "$dir/mine")" 7:8
	gives 0 ctrun --userns auto --rootfs "$dir" --rootfs-idmap=no stat -c %u /bin
	equal "$output" 65534
	# copy-on-write, where files are copied up
	gives 0 ctrun --userns auto --rootfs "$dir" sh -c \
		'chown 3:4 /etc/passwd; rm -r /var; mkdir /var; ls /var; stat -c %u:%g /etc/passwd'
	equal "$output" 3:4
	equal "$(stat -c %u:%g "$dir/etc/passwd")" 0:0
}

@test "--upper keeps owners as they are inside" {
	mkdir "$BATS_TEST_TMPDIR/upper"
	gives 0 in_box --userns auto --upper "$BATS_TEST_TMPDIR/upper" sh -c 'touch /x; chown 9:9 /x'
	equal "$(stat -c %u:%g "$BATS_TEST_TMPDIR/upper/upper/x")" 9:9
	gives 0 in_box --userns auto --upper "$BATS_TEST_TMPDIR/upper" stat -c %u:%g /x
	equal "$output" 9:9
}

@test "volumes: the host's owners without idmap, the container's with it" {
	local vol=$BATS_TEST_TMPDIR/vol
	mkdir -m 755 "$vol"
	touch "$vol/file"
	gives 0 in_box --userns auto -v "$vol:/v" stat -c %u /v/file
	equal "$output" 65534
	denied in_box --userns auto -v "$vol:/v" touch /v/new
	gives 0 in_box --userns auto -v "$vol:/v:idmap" sh -c 'stat -c %u /v/file; touch /v/new'
	equal "$output" 0
	equal "$(stat -c %u "$vol/new")" 0
	refuses 125 'idmap needs --userns' in_box -v "$vol:/v:idmap" true
}

@test "the host's own root in a user namespace: owners, secrets, writes" {
	[ "$(stat -f -c %T /)" != overlayfs ] || skip "the root is an overlay, which takes no map of ids"
	gives 0 ctrun --userns auto sh -c 'stat -c %u / /etc /usr; echo >/etc/mine && echo wrote'
	equal "$output" $'0\n0\n0\nwrote'
	[ ! -e /etc/mine ]
	denied ctrun --userns auto cat /etc/shadow
	denied ctrun --userns auto ls "/run/ctnet/containers"
}

@test "a network, ping, names, files we provide" {
	ctnet create br0 --subnet 10.77.0.0/24
	gives 0 in_box --userns auto --net br0 --name u ping -c 1 -W 5 10.77.0.1
	gives 0 in_box --userns auto --net br0 --name u --user 1000 cat /etc/hosts /etc/resolv.conf
	prints '10\.77\.0\.1'
	start peer --userns auto --net br0
	gives 0 in_box --userns auto --net br0 ping -c 1 -W 5 peer
	gives 0 ct exec peer ping -c 1 -W 5 10.77.0.1
}

@test "devices, sysfs, mqueue, a terminal's place" {
	gives 0 in_box --userns auto sh -c 'echo x >/dev/null; head -c 4 /dev/zero | wc -c
		ls /sys/class/net; ls -d /dev/mqueue /dev/shm /dev/pts/ptmx; echo y >/dev/shm/f'
	prints $'4\nlo\n'
	denied in_box --userns auto --cap-add ALL --seccomp unconfined mknod /dev/evil c 1 1
	gives 0 in_box --userns auto --net host ls /sys/class/net
	gives 0 in_box --userns auto --pid host sh -c 'ls /proc/driver; test -d /proc/1'
	[[ $output != *upper* ]] || fail "the scratch file system is seen"
	gives 0 in_box --uidmap 0:100000:1 ls /dev/pts/ptmx
}

@test "a root there has no power here" {
	printf 'hidden\n' >"$BATS_TEST_TMPDIR/secret"
	chmod 600 "$BATS_TEST_TMPDIR/secret"
	local vol=$BATS_TEST_TMPDIR all=(--userns auto --privileged)
	denied in_box "${all[@]}" -v "$vol:/v" cat /v/secret
	denied in_box "${all[@]}" -v "$vol:/v" sh -c 'chown 0 /v/secret'
	denied in_box "${all[@]}" sh -c 'mkdir /m; mount -t ext4 /dev/vda /m'
	denied in_box "${all[@]}" sh -c 'echo x >/proc/sys/kernel/core_pattern'
	denied in_box "${all[@]}" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo b >/proc/sysrq-trigger'
	denied in_box "${all[@]}" nsenter -t 1 -n --net=/proc/1/ns/user true
	denied in_box "${all[@]}" hwclock -w
	# over its own it has
	gives 0 in_box "${all[@]}" sh -c 'mkdir /m; mount -t tmpfs t /m && hostname other && hostname'
	equal "$output" other
}

@test "ct exec is in the user namespace, with no more than the container has" {
	start a --userns auto
	gives 0 ct exec a sh -c '{ readlink /proc/self/ns/user; readlink /proc/1/ns/user; } | uniq | wc -l
		grep -E "^(CapEff|Seccomp|NoNew)" /proc/self/status | md5sum
		grep -E "^(CapEff|Seccomp|NoNew)" /proc/1/status | md5sum; touch /from-exec'
	equal "$(head -n 1 <<<"$output")" 1
	equal "$(sed -n 2p <<<"$output")" "$(sed -n 3p <<<"$output")"
	gives 0 ct exec a stat -c %u /from-exec
	equal "$output" 0
}

@test "a user namespace of others: --userns container:NAME" {
	start a --userns auto
	local map
	map=$(cat "/proc/$(init_of a)/uid_map")
	gives 0 in_box --userns container:a cat /proc/self/uid_map
	equal "$output" "$map"
	refuses 125 'no namespace that you may join' in_box --userns ns:/proc/self/ns/user true
}
