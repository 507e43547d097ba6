#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct inspect: what it says is compared with what the container, ip(8) and /proc
# say themselves.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
}

# of JQ - of the only container inspected
of()
{
	jq -er ".[0] | $1" <<<"$output"
}

@test "what ps says, and the rest of the record" {
	start web --label tier=front --env A=b --user 7:8 --workdir /tmp --memory 32M --pids 20
	gives 0 ct inspect web
	equal "$stderr" ""
	local inspected=$output
	gives 0 ct ps -j
	equal "$(jq -S '.[0]' <<<"$output")" \
		"$(jq -S --argjson ps "$output" '.[0] | with_entries(select(.key as $k | $ps[0] | has($k)))' <<<"$inspected")"
	output=$inspected
	equal "$(of '.labels.tier + " " + .user + " " + .workdir + " " + .env[0]')" "front 7:8 /tmp A=b"
	equal "$(of .runner_pid)" "$bg_pid"
	equal "$(of '.config.limits.memory, .config.rootfs[0]' | xargs)" "33554432 $ROOTFS"
	equal "$(of '.oom_killed, .restarts, .detached' | xargs)" "false 0 false"
	# JSON with or without -j, by id and by a prefix of it
	gives 0 ct inspect -j "$(jq -r '.[0].id[:5]' <<<"$inspected")"
	equal "$(of .name)" web
}

@test "the namespaces: inodes, owners, which are the host's, which are shared" {
	start web
	local pid type
	gives 0 ct inspect web
	pid=$(of .pid)
	for type in cgroup ipc mnt net pid uts; do
		equal "$type:[$(of ".namespaces[] | select(.type == \"$type\") | .inode")]" \
			"$(readlink "/proc/$pid/ns/$type")"
		equal "$(of ".namespaces[] | select(.type == \"$type\") | .device")" \
			"$(stat -Lc '%Hd:%Ld' "/proc/$pid/ns/$type")"
		equal "$(of "[.namespaces[] | select(.type == \"$type\") | .host] | tostring")" "[false]"
	done
	equal "$(of '[.namespaces[] | select(.host) | .type] | join(" ")')" "time user"
	# all belong to the user namespace that everybody is in
	equal "user:[$(of '[.namespaces[].user_namespace] | unique | map(numbers) | first')]" \
		"$(readlink /proc/self/ns/user)"
	equal "$(of '.namespaces[] | select(.type == "user") | .owner_uid')" 0
	# the pid namespace is in that of its guard, which is in ours
	[ "$(of '.namespaces[] | select(.type == "pid") | .parent')" -gt 1 ]
	start friend --net container:web
	gives 0 ct inspect friend
	equal "$(of '[.namespaces[] | select(.shared_with != []) | .type + " " + .shared_with[0]] | join(",")')" \
		"net web"
	gives 0 ct inspect web
	equal "$(of '.namespaces[] | select(.type == "net") | .shared_with | join(",")')" friend
}

@test "links: both ends as ip has them" {
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64 --mtu 1400
	start web --net bridge0
	gives 0 ct inspect web
	local at='.links[] | select(.ifname == "eth0") |' host
	equal "$(of "$at .addresses | map(select(startswith(\"fe80\") | not)) | sort | join(\" \")")" \
		"10.99.0.2/24 fd99::2/64"
	equal "$(of "$at .kind, .mtu, .network, .master, .up, .carrier, .host_carrier, .host_mtu" | xargs)" \
		"veth 1400 bridge0 bridge0 true true true 1400"
	host=$(of "$at .host_ifname")
	equal "$(of "$at .host_ifindex")" "$(cat "/sys/class/net/$host/ifindex")"
	equal "$(of "$at .host_mac")" "$(cat "/sys/class/net/$host/address")"
	equal "$(of "$at .ifindex")" "$(cat "/sys/class/net/$host/iflink")"
	equal "$(of "$at .mac")" "$(ct exec web cat /sys/class/net/eth0/address)"
	equal "$(of '[.links[].ifname] | sort | join(" ")')" "eth0 lo"
	ip link set "$host" down
	gives 0 ct inspect web
	equal "$(of "$at .carrier, .host_carrier" | xargs -n 2)" "false false"
	start plain --net host
	gives 0 ct inspect plain
	equal "$(of '.links | length')" 0
}

@test "mounts and limits: what is in force" {
	mkdir "$BATS_TEST_TMPDIR/data dir"
	start web -v "$BATS_TEST_TMPDIR/data dir:/mnt/in side:ro" --tmpfs /scratch --memory 32M --cpus 0.5 --pids 20
	gives 0 ct inspect web
	local pid
	pid=$(of .pid)
	equal "$(of '.mounts | length')" "$(wc -l <"/proc/$pid/mountinfo")"
	equal "$(of '.mounts[] | select(.target == "/mnt/in side") | .options | split(",") | first')" ro
	equal "$(of '.mounts[] | select(.target == "/scratch") | .fstype, .propagation' | xargs)" "tmpfs private"
	equal "$(of '.limits.memory, .limits.cpus, .limits.pids' | xargs)" "33554432 0.5 20"
	equal "$(of '.process.pid, .process.state, .process.uid, .process.name' | xargs)" "$pid S 0 sleep"
	[ "$(of .memory_peak)" -gt 0 ]
	[ "$(of .cgroup)" = "$CT_CGROUP_PARENT/ctnet/$(of .id)" ]
}

@test "several; one that is not there; a network; hostile words" {
	ctnet create bridge0
	start one --env "X=$(printf 'a\033[31m\302\2331')"
	start two
	gives 0 ct inspect one two
	equal "$(jq -r '[.[].name] | join(" ")' <<<"$output")" "one two"
	[[ $output != *$'\033'* ]] || fail "a control character"
	equal "$(of '.env[0]')" 'X=a?[31m??1'
	gives 1 ct inspect one nobody two
	equal "$(jq -r '[.[].name] | join(" ")' <<<"$output")" "one two"
	complains 'no container nobody'
	refuses 1 'no container tow' ct inspect tow
	complains 'did you mean two'
	refuses 1 'no container bridge0' ct inspect bridge0
	complains 'ctnet inspect bridge0'
	refuses 2 'few' ct inspect
}
