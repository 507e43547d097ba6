#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctnet monitor: what it tells of, in which words, and how it ends.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
	ip link del probe0 2>/dev/null || true
}

# watch NAME WORD... - ctnet monitor in the background, watching when this returns
watch()
{
	bg "$1" ctnet monitor "${@:2}"
	monitor=$bg_pid
	events=$BATS_TEST_TMPDIR/$1.out
	wait_for 10 watching "$monitor"
}

# It sleeps in its loop, which comes after all that it opens.
watching()
{
	[ "$(ps -o stat= -p "$1" | cut -c1)" = S ] && grep -q 'SigBlk:.*4002$' "/proc/$1/status" &&
		[ "$(find "/proc/$1/fd" -lname 'anon_inode:*signalfd*' | wc -l)" = 1 ] &&
		[ "$(cut -d' ' -f1 "/proc/$1/syscall")" = "$(poll_number)" ]
}

# Of poll(2), by a process that is known to be in it.
poll_number()
{
	case $(uname -m) in
	x86_64) echo 7 ;;
	*) echo 73 ;; # ppoll(2), where there is no other
	esac
}

# told JQ - some event of the JSON stream is so
told()
{
	jq -se "any(.[]; $1)" "$events"
}

# count JQ
count()
{
	jq -s "map(select($1)) | length" "$events"
}

@test "the life of a container and its network, in order" {
	watch all -j network container
	gives 0 ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	# it lives until it was seen: a record that is gone before it is read tells nothing
	start web --net bridge0
	wait_for 10 told '.event == "running" and .name == "web" and .pid > 1'
	kill -KILL "$(jq -r 'select(.event == "running") | .pid' "$events")"
	wait_for 10 told '.event == "removed" and .name == "web"'
	gives 0 ctnet rm bridge0
	wait_for 10 told '.object == "network" and .event == "deleted"'
	equal "$(jq -r 'select(.object == "network") | .event + " " + .name' "$events")" \
		$'added bridge0\ndeleted bridge0'
	equal "$(jq -r 'select(.object == "container" and .id) | .event' "$events" | sort)" \
		"$(printf '%s\n' connected created disconnected removed running)"
	told '.event == "connected" and .name == "web" and .network == "bridge0" and .ifname == "eth0"
		and .addresses == ["10.99.0.2/24", "fd99::2/64"] and (.host_ifname | startswith("ve"))'
	equal "$(count '.time | test("^[0-9-]+T[0-9:]+\\.[0-9]{6}Z$") | not')" 0
}

@test "links, addresses, routes and neighbours by our names" {
	gives 0 ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	watch all -j
	gives 0 in_box --name web --net bridge0 ping -c 1 10.99.0.1
	wait_for 10 told '.object == "link" and .event == "deleted" and .container == "web"'
	told '.object == "link" and .event == "added" and .kind == "veth"'
	told '.object == "link" and .network == "bridge0" and .container == "web" and .master == "bridge0"'
	wait_for 10 told '.object == "neigh" and .address == "10.99.0.2" and .ifname == "bridge0"
		and .network == "bridge0"'
	ip addr add 10.99.7.1/32 dev bridge0
	ip addr del 10.99.7.1/32 dev bridge0
	ip -6 addr add fd99:7::1/128 dev bridge0
	ip route add 10.97.0.0/24 via 10.99.0.9
	ip route del 10.97.0.0/24
	ip -6 route add fd97::/64 dev bridge0 metric 7
	local address
	for address in 10.99.7.1/32 fd99:7::1/128; do
		wait_for 10 told '.object == "address" and .event == "added" and .network == "bridge0"
			and .address == "'$address'"'
	done
	told '.object == "address" and .event == "deleted" and .address == "10.99.7.1/32"'
	wait_for 10 told '.object == "route" and .dst == "fd97::/64" and .metric == 7'
	told '.object == "route" and .event == "deleted" and .dst == "10.97.0.0/24" and
		.via == "10.99.0.9" and .network == "bridge0"'
}

@test "a port that leaves a bridge is no link that is gone" {
	gives 0 ctnet create bridge0
	ip link add probe0 type veth peer name probe1
	watch link -j link
	ip link set probe0 master bridge0
	ip link set probe0 nomaster
	ip link set probe0 mtu 1400
	wait_for 10 told '.ifname == "probe0" and .mtu == 1400'
	told '.ifname == "probe0" and .master == "bridge0"'
	equal "$(count '.event == "deleted"')" 0
	ip link del probe0
	wait_for 10 told '.ifname == "probe0" and .event == "deleted"'
}

@test "a line of text: object, event, name, then words" {
	watch text address
	ip addr add 10.99.7.1/32 dev lo
	wait_for 10 grep -qx 'address added 10\.99\.7\.1/32 dev lo' "$events"
	ip addr del 10.99.7.1/32 dev lo
	wait_for 10 grep -qx 'address deleted 10\.99\.7\.1/32 dev lo' "$events"
	# the route to it was not asked for
	equal "$(grep -cv '^address ' "$events")" 0
	watch stamped --timestamp address
	ip addr add 10.99.7.1/32 dev lo
	wait_for 10 grep -qxE '\[[-0-9]+T[0-9:]+\.[0-9]{6}\] address added 10\.99\.7\.1/32 dev lo' "$events"
	ip addr del 10.99.7.1/32 dev lo
}

@test "an interrupt ends it well, a reader that goes away quietly" {
	local signal
	for signal in INT TERM; do
		watch "$signal"
		kill -"$signal" "$monitor"
		wait "$monitor" || fail "status of SIG$signal: $?"
		[ ! -s "$BATS_TEST_TMPDIR/$signal.err" ] || fail "it complains"
	done
	bg pipe sh -c 'ctnet monitor link | head -n 1'
	wait_for 10 eval 'ip link set lo mtu 60000; ip link set lo mtu 65536
		[ -s "$BATS_TEST_TMPDIR/pipe.out" ]'
	wait_for 10 eval 'ip link set lo mtu 60000; ip link set lo mtu 65536; is_gone $bg_pid'
	[ ! -s "$BATS_TEST_TMPDIR/pipe.err" ] || fail "it complains"
	# nor is an event needed to see that it is gone
	gives 0 timeout 10 sh -c '{ ctnet monitor link; echo "$?" >"$0"; } | true' \
		"$BATS_TEST_TMPDIR/gone"
	wait_for 10 grep -qx 0 "$BATS_TEST_TMPDIR/gone"
}

@test "output that cannot be written ends it with status 1" {
	bg full sh -c 'exec ctnet monitor network >/dev/full'
	wait_for 10 eval 'ctnet create -q probe0; ctnet rm -q probe0; is_gone $bg_pid'
	local status=0
	wait "$bg_pid" || status=$?
	equal "$status" 1
	grep -q 'cannot write the output: No space left' "$BATS_TEST_TMPDIR/full.err"
}

@test "a namespace has the id by which it is named" {
	watch all -j container
	ctnet create bridge0
	ctnet ns add blue
	ctnet connect bridge0 ns:blue
	wait_for 10 told '.event == "connected" and .id == "ns:blue" and .name == "blue"'
	ctnet ns rm blue
	wait_for 10 told '.event == "disconnected" and .id == "ns:blue"'
}

@test "what cannot be watched is refused, with a suggestion" {
	refuses 2 "'rout' is nothing to watch" ctnet monitor rout
	complains 'did you mean route'
}

@test "lost events are told, and it goes on" {
	watch lost -j link
	kill -STOP "$monitor"
	seq 1 20000 | awk '{ print "link set lo mtu", 60000 + $1 % 2 }' >"$BATS_TEST_TMPDIR/batch"
	ip -batch "$BATS_TEST_TMPDIR/batch"
	kill -CONT "$monitor"
	wait_for 20 told '.object == "monitor" and .event == "lost"'
	ip link set lo mtu 65536
	wait_for 20 told '.ifname == "lo" and .mtu == 65536'
}
