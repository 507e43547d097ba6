#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is left when things end badly, and what the next command heals.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	bg_end
	remove_networks
}

# nothing_left - of any container: process, link, lease, record, mount, cgroup
nothing_left()
{
	gives 0 ct ps -j
	equal "$output" "[]"
	wait_for 5 eval '! ip -o link show master bridge0 | grep .'
	gives 0 ctnet inspect bridge0 -j
	equal "$(jq '.[0].containers | length' <<<"$output")" 0
	equal "$(jq '[.[0].subnets[].leased] | add' <<<"$output")" 0
	equal "$(find /run/ctnet ! -name .lock \( -path '*/containers/*' -o -path '*/files/*' \
		-o -path '*/names/*' -o -path '*/attach/*' -o -path '*/leases/*/*' \))" ""
	equal "$(find /sys/fs/cgroup -path "*/$CT_CGROUP_PARENT/ctnet/*" -type d)" ""
	equal "$(grep -c ' /run/ctnet' /proc/self/mountinfo)" 0
}

payload_gone()
{
	! pgrep -f '^sleep 424242' >/dev/null
}

@test "kill -9 of the runner leaves no process, and the next command nothing else" {
	start one --net bridge0 -- sleep 424242
	kill -KILL "$bg_pid"
	wait_for 5 payload_gone
	nothing_left
}

@test "kill -9 of the runner, whatever the payload does to stay" {
	start one --net bridge0 -- sh -c 'trap "" HUP INT TERM QUIT; setsid sleep 424242 & sleep 424242'
	kill -KILL "$bg_pid"
	wait_for 5 payload_gone
	nothing_left
}

@test "kill -9 of the runner at any moment of the start" {
	local delay
	for delay in 0 1 2 3 4 5 6 7 8 10 12 15 20 30; do
		ctrun --name one --net bridge0 --rootfs "$ROOTFS" sleep 424242 3>&- &
		local pid=$!
		sleep "0.$(printf %03d "$delay")"
		kill -KILL "$pid"
		wait "$pid" || true
	done
	wait_for 5 payload_gone
	gives 0 ctnet gc
	nothing_left
}

@test "ctnet gc alone is enough" {
	start one --net bridge0 -- sleep 424242
	kill -KILL "$bg_pid"
	wait_for 5 payload_gone
	gives 0 ctnet gc
	equal "$(find /run/ctnet \( -path '*/containers/*' -o -path '*/attach/*' -o -path '*/leases/*/*' \))" ""
	nothing_left
}

@test "the name and the address of a dead container are free again" {
	start one --net bridge0:ip=10.99.0.9 -- sleep 424242
	kill -KILL "$bg_pid"
	wait_for 5 payload_gone
	wait_for 5 eval '! ip -o link show master bridge0 | grep .'
	gives 0 in_box --name one --net bridge0:ip=10.99.0.9 true
}

@test "a container that ends by itself leaves nothing" {
	gives 3 in_box --net bridge0 sh -c 'exit 3'
	nothing_left
	gives 127 in_box --net bridge0 no-such
	nothing_left
}

@test "50 at once get 50 addresses, and all succeed" {
	local n pids=() failed=0
	for n in $(seq 50); do
		in_box --net bridge0 sh -c 'ip -4 -o addr show eth0; ping -c 1 -W 10 10.99.0.1 >/dev/null' \
			>"$BATS_TEST_TMPDIR/out.$n" 2>&1 </dev/null 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failed=$((failed + 1))
	done
	[ $failed = 0 ] || fail "$failed failed: $(cat "$BATS_TEST_TMPDIR"/out.* | grep -v 'inet ')"
	equal "$(cat "$BATS_TEST_TMPDIR"/out.* | grep -c inet)" 50
	equal "$(cat "$BATS_TEST_TMPDIR"/out.* | grep -o 'inet [0-9.]*' | sort -u | wc -l)" 50
	nothing_left
}

@test "50 that live at once can all be reached" {
	local n
	for n in $(seq 50); do
		bg "c$n" ctrun --name "c$n" --net bridge0 --rootfs "$ROOTFS" sleep 1000
	done
	wait_for 60 eval '[ "$(ct ps -j | jq "[.[] | select(.status == \"running\")] | length")" = 50 ]'
	equal "$(ct ps -j | jq -r '.[].networks[0].addresses[0]' | sort -u | wc -l)" 50
	gives 0 ct exec c1 ping -c 1 -W 5 c50
	gives 0 ct exec c50 ping -c 1 -W 5 c1
	bg_end
	nothing_left
}

@test "an address pool that is used up says so, and leaves nothing" {
	ctnet create tiny --subnet 10.96.0.0/30
	start one --net tiny
	refuses 125 'tiny|10\.96\.0\.0' in_box --net tiny true
	is_running one
	ct exec one true
}

@test "nft flush ruleset is healed by the next command" {
	world
	start one --net bridge0
	nft flush ruleset
	gives 1 ct exec one ping -c 1 -W 1 198.51.100.2
	gives 0 ctnet ls
	gives 0 nft list table inet ctnet
	prints '"bridge0" \. "bridge0"'
	gives 0 ct exec one ping -c 1 -W 5 198.51.100.2
	nft flush ruleset
	gives 0 in_box --net bridge0 ping -c 1 -W 5 198.51.100.2
	world_end
}

@test "ip link del bridge0 is healed by the next command" {
	ip link del bridge0
	gives 0 in_box --net bridge0 ping -c 1 -W 5 10.99.0.1
	ip link del bridge0
	gives 0 ctnet ls
	ip addr show bridge0 | grep -q 'inet 10\.99\.0\.1/24'
	ip addr show bridge0 | grep -q 'inet6 fd99::1/64'
}

@test "an address or the up flag that somebody took away is healed" {
	ip addr flush dev bridge0
	ip link set bridge0 down
	gives 0 in_box --net bridge0 ping -c 1 -W 5 10.99.0.1
	ip addr show bridge0 | grep -q 'inet 10\.99\.0\.1/24'
}

@test "a definition outlives the state: the network comes back on first use" {
	ip link del bridge0
	nft flush ruleset
	rm -rf /run/ctnet
	gives 0 in_box --net bridge0 ping -c 1 -W 5 10.99.0.1
}

@test "a state root that was tampered with is an error, not a crash" {
	start one --net bridge0
	local record
	record=$(find /run/ctnet/containers -type f)
	cp "$record" "$BATS_TEST_TMPDIR/record"
	echo '{ nonsense' >"$record"
	run --separate-stderr ct ps
	[ "$status" -le 1 ] || fail "crashed"
	echo '[]' >"$record"
	run --separate-stderr ct exec one true
	[ "$status" = 125 ] || [ "$status" = 0 ] || fail "crashed"
	cp "$BATS_TEST_TMPDIR/record" "$record"
	gives 0 ct exec one true
}

@test "a failed start undoes what it had begun" {
	refuses 125 '/nowhere' in_box --net bridge0 --workdir /nowhere true
	nothing_left
	refuses 125 'no-such-net' in_box --net bridge0 --net no-such-net true
	nothing_left
	refuses 125 'nameserver|10\.99' in_box --net bridge0:ip=10.99.0.1 true
	nothing_left
}

@test "connections of one container do not block another's death" {
	start one --net bridge0 -- sh -c 'nc -l -p 80'
	start two --net bridge0 -- sh -c 'sleep 1 | nc one 80; sleep 1000'
	bg_end
	nothing_left
}
