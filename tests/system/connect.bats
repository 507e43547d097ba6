#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Several networks for one container: at its start, and joined and left while
# it runs; addresses, names of interfaces, which network has the default route.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	ctnet create one --subnet 10.99.1.0/24 --subnet fd99:1::/64
	ctnet create two --subnet 10.99.2.0/24 --subnet fd99:2::/64
	ctnet create three --subnet 10.99.3.0/24 --subnet fd99:3::/64
}

teardown()
{
	bg_end
	remove_networks
	for ns in $(ctnet ns ls); do
		ctnet ns rm "$ns"
	done
}

# default_by CONTAINER 4|6 - the device of its default route
default_by()
{
	ct exec "$1" ip "-$2" route | sed -n 's/^default .*dev \([^ ]*\).*/\1/p' | head -n 1
}

# on_default CONTAINER DEV - in both families
on_default()
{
	equal "$(default_by "$1" 4)" "$2"
	equal "$(default_by "$1" 6)" "$2"
}

# networks_of CONTAINER - "one:eth0 two:eth1"
networks_of()
{
	ct ps -j | jq -r --arg n "$1" \
		'[.[] | select(.name == $n) | .networks[] | "\(.network):\(.ifname)"] | join(" ")'
}

# no_trace_of NETWORK - no container, no lease, no port
no_trace_of()
{
	gives 0 ctnet inspect "$1" -j
	equal "$(jq '.[0].containers | length' <<<"$output")" 0
	equal "$(jq '[.[0].subnets[].leased] | add' <<<"$output")" 0
	wait_for 5 eval "! ip -o link show master $1 | grep ."
}

reach()
{
	gives 0 ct exec "$1" ping -c 1 -W 5 "$2"
}

@test "several networks at the start: static addresses, MACs, names of interfaces" {
	start c --net one:ip=10.99.1.77,ip6=fd99:1::77,mac=02:00:5e:00:00:01 \
		--net two:ip=10.99.2.77,ip6=fd99:2::77,mac=02:00:5e:00:00:02,ifname=wan --net three
	equal "$(networks_of c)" "one:eth0 two:wan three:eth1"
	gives 0 ct exec c ip addr show eth0
	prints '02:00:5e:00:00:01'
	prints 'inet 10\.99\.1\.77/24'
	prints 'inet6 fd99:1::77/64'
	gives 0 ct exec c ip addr show wan
	prints '02:00:5e:00:00:02'
	prints 'inet 10\.99\.2\.77/24'
	prints 'inet6 fd99:2::77/64'
	on_default c eth0
	local gateway
	for gateway in 10.99.1.1 10.99.2.1 10.99.3.1 fd99:1::1 fd99:2::1 fd99:3::1; do
		reach c "$gateway"
	done
}

@test "the default route goes by the first network that leads out, or where it is said" {
	ctnet create inner --subnet 10.99.4.0/24 --subnet fd99:4::/64 --internal
	start a --net inner --net two --net one
	on_default a eth1
	start b --net one --net two:default-route
	on_default b eth1
	start d --net one:default-route=no
	equal "$(default_by d 4)$(default_by d 6)" ""
	refuses 125 'leads nowhere' in_box --net inner:default-route true
}

@test "each family has its own default route" {
	ctnet create four --subnet 10.99.4.0/24
	ctnet create six --subnet fd99:6::/64
	start a --net four --net two
	equal "$(default_by a 4)" eth0
	equal "$(default_by a 6)" eth1
	start b --net six --net four
	equal "$(default_by b 6)" eth0
	equal "$(default_by b 4)" eth1
}

@test "metrics order the default routes; the same one twice is refused" {
	start a --net one:default-route,metric=200 --net two:default-route,metric=100
	gives 0 ct exec a ip route
	prints 'default via 10\.99\.2\.1 dev eth1 .*metric 100'
	prints 'default via 10\.99\.1\.1 dev eth0 .*metric 200'
	gives 0 ct exec a ip -6 route
	prints 'default via fd99:2::1 dev eth1 .*metric 100'
	prints 'default via fd99:1::1 dev eth0 .*metric 200'
	refuses 125 'both have default-route' in_box --net one:default-route --net two:default-route true
	complains 'metric='
}

@test "what cannot be is refused before anything is built, with its cure" {
	refuses 125 'eth0 is another' in_box --net one:ifname=eth0 --net two:ifname=eth0 true
	complains 'ifname='
	refuses 125 'reserved' in_box --net one:ifname=lo true
	refuses 125 'given twice' in_box --net one:ip=10.99.1.3,ip=10.99.1.4 true
	refuses 125 'use ip6' in_box --net one:ip=fd99:1::3 true
	refuses 125 'not IPv6' in_box --net one:ip6=10.99.1.3 true
	refuses 125 "did you mean metric" in_box --net one:metrik=3 true
	refuses 125 'KEY=VALUE' in_box --net one:metric true
	refuses 125 '0 lets nothing' in_box --net one:rate-in=0bit true
	no_trace_of one
}

@test "a given name leaves the automatic ones their own" {
	start c --net one --net two:ifname=eth0 --net three
	equal "$(networks_of c)" "one:eth1 two:eth0 three:eth2"
}

# bats test_tags=vm
@test "connect: addresses, reach, names; the default route stays" {
	start c --net one
	start d --net two
	gives 0 ctnet connect two c
	prints '^eth1 10\.99\.2\.[0-9]+/24 fd99:2::[0-9a-f]+/64$'
	on_default c eth0
	reach c d
	gives 0 ct exec c ping -6 -c 1 -W 5 d
	reach d c
	gives 0 ct exec d ping -6 -c 1 -W 5 c
	equal "$(networks_of c)" "one:eth0 two:eth1"
	gives 0 ctnet disconnect two c
	equal "$output" ""
	equal "$(networks_of c)" "one:eth0"
	denied ct exec c ip link show eth1
	reach c 10.99.1.1
	reach c fd99:1::1
}

@test "connect with everything said, as JSON; by id and prefix of the id" {
	start c --net one
	local id
	id=$(ct ps -j | jq -r '.[0].id')
	gives 0 ctnet connect two "$id" --ip 10.99.2.9 --ip6 fd99:2::9 --mac 02:00:5e:00:00:09 \
		--ifname wan --alias www --alias cdn -j
	equal "$(jq -r '.[0] | "\(.network) \(.id) \(.name) \(.ifname) \(.mac) \(.addresses | join(","))"' \
		<<<"$output")" "two $id c wan 02:00:5e:00:00:09 10.99.2.9/24,fd99:2::9/64"
	equal "$(jq -r '.[0].host_ifname' <<<"$output" | xargs -I{} ip -j link show {} | jq -r '.[0].master')" two
	start d --net two
	reach d www
	reach d cdn
	gives 0 ctnet connect three "${id:0:8}"
	gives 0 ctnet disconnect two "$id" --ifname wan
	refuses 1 'not connected' ctnet disconnect two "$id"
	gives 0 ctnet disconnect -f two "$id"
}

@test "--default-route moves it, and it passes on when its network is left" {
	start c --net one
	gives 0 ctnet connect two c --default-route
	on_default c eth1
	equal "$(ct exec c ip route | grep -c ^default)" 1
	equal "$(ct exec c ip -6 route | grep -c ^default)" 1
	gives 0 ctnet connect three c
	on_default c eth1
	gives 0 ctnet disconnect two c
	on_default c eth0
	gives 0 ctnet disconnect one c
	on_default c eth2
	gives 0 ctnet disconnect three c
	equal "$(default_by c 4)$(default_by c 6)" ""
	gives 0 ctnet connect one c --default-route=no
	equal "$(default_by c 4)$(default_by c 6)" ""
	gives 0 ctnet connect two c
	on_default c eth1
}

@test "the world is reached by the new default route without a gap" {
	world
	start c --net one
	reach c 198.51.100.2
	bg pings ct exec c ping -i 0.05 -W 2 198.51.100.2
	bg pings6 ct exec c ping -i 0.05 -W 2 2001:db8:2::2
	wait_for 5 grep -q 'seq=3' "$BATS_TEST_TMPDIR/pings.out"
	gives 0 ctnet connect two c --default-route
	gives 0 ctnet disconnect two c
	local n
	n=$(grep -c from "$BATS_TEST_TMPDIR/pings.out")
	wait_for 10 eval "[ \$(grep -c from '$BATS_TEST_TMPDIR/pings.out') -gt $((n + 10)) ]"
	n=$(grep -c from "$BATS_TEST_TMPDIR/pings6.out")
	wait_for 10 eval "[ \$(grep -c from '$BATS_TEST_TMPDIR/pings6.out') -gt $((n + 10)) ]"
	reach c 2001:db8:2::2
	bg_end
	world_end
}

@test "a container on two networks does not forward between them" {
	start c --net one
	gives 0 ctnet connect two c
	gives 0 ct exec c cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
	equal "$output" $'0\n0'
	gives 0 ct exec c cat /proc/sys/net/ipv6/conf/eth1/accept_ra /proc/sys/net/ipv4/conf/eth1/forwarding
	equal "$output" $'0\n0'
}

@test "connect to a container that had no network" {
	start c --net none
	start d --net one
	gives 0 ctnet connect one c
	on_default c eth0
	gives 0 ct exec c ping -c 1 -W 5 127.0.0.1
	reach c d
	reach d c
}

@test "completion: a network, then a container" {
	start c --net one
	gives 0 ct __complete ctnet connect ''
	equal "$(paste -sd ' ' <<<"$output")" "$(ctnet ls -q | paste -sd ' ')"
	gives 0 ct __complete ctnet connect one ''
	equal "$output" c
	gives 0 ct __complete ctnet disconnect -f one ''
	equal "$output" c
}

@test "what is refused: by name, with a cure, and nothing is left" {
	start c --net one
	start h --net host
	refuses 1 'no network named tvo' ctnet connect tvo c
	complains 'two'
	refuses 1 'no container nobody' ctnet connect two nobody
	refuses 1 "host's own network" ctnet connect two h
	refuses 1 '10\.99\.1\.1' ctnet connect two c --ip 10.99.1.1
	! [[ $stderr =~ two:.*two: ]] || fail "the network is named twice"
	refuses 1 'attached .* already|attached to network' ctnet connect two c --ifname eth0
	refuses 2 'KEY|too few' ctnet connect two
	refuses 2 'not IPv4' ctnet connect two c --ip fd99::1
	refuses 1 'not connected' ctnet disconnect two c
	refuses 1 'no network named' ctnet disconnect four c
	no_trace_of two
	gives 0 ct exec c ip -o link
	equal "${#lines[@]}" 2
}

@test "when the container ends, what was connected goes with it" {
	start c --net one
	gives 0 ctnet connect two c
	gives 0 ctnet connect three c --default-route
	bg_end
	no_trace_of one
	no_trace_of two
	no_trace_of three
	start c --net one
	gives 0 ctnet connect two c
	gives 0 ct exec c kill -TERM 1 || true
	kill "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	# The runner itself cleaned up: no command came in between.
	equal "$(find /run/ctnet/net \( -path '*/attach/*' -o -path '*/connected/*' \
		-o -path '*/hosts-own/*' -o -path '*/follow/*/*' -o -path '*/leases/*/*' \))" ""
}

@test "a disconnected interface's name and address may be another's when the container ends" {
	start c --net one:ip=10.99.1.9
	gives 0 ctnet disconnect one c
	gives 0 ctnet connect two c
	equal "$(networks_of c)" "two:eth0"
	local first=$bg_pid
	start d --net one:ip=10.99.1.9
	start e --net one
	kill "$first"
	wait_for 10 is_gone "$first"
	no_trace_of two
	reach e d
	equal "$(address d 4)" 10.99.1.9
	gives 0 ct exec e grep -w d /etc/hosts
}

@test "connect and disconnect under traffic" {
	start c --net one
	start d --net one
	bg pings ct exec d ping -i 0.02 -W 2 c
	for _ in 1 2 3 4 5 6 7 8; do
		gives 0 ctnet connect two c
		gives 0 ctnet disconnect two c
	done
	wait_for 10 eval "[ \$(grep -c from '$BATS_TEST_TMPDIR/pings.out') -gt 20 ]"
	# the sequence has no hole
	equal "$(sed -n 's/.*seq=\([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/pings.out" | awk 'NR > 1 && $1 != p + 1 { print } { p = $1 }')" ""
	no_trace_of two
}

@test "20 connects at once to one container, then 20 disconnects" {
	start c --net one
	local n pids=() failed=0
	for n in $(seq 20); do
		ctnet connect two c >"$BATS_TEST_TMPDIR/out.$n" 2>&1 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failed=$((failed + 1))
	done
	[ $failed = 0 ] || fail "$failed failed: $(cat "$BATS_TEST_TMPDIR"/out.*)"
	equal "$(cut -d' ' -f1 "$BATS_TEST_TMPDIR"/out.* | sort -u | wc -l)" 20
	equal "$(cut -d' ' -f2 "$BATS_TEST_TMPDIR"/out.* | sort -u | wc -l)" 20
	equal "$(cut -d' ' -f3 "$BATS_TEST_TMPDIR"/out.* | sort -u | wc -l)" 20
	on_default c eth0
	pids=()
	for n in $(seq 20); do
		ctnet disconnect two c --ifname "eth$n" 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failed=$((failed + 1))
	done
	equal "$failed" 0
	no_trace_of two
	equal "$(networks_of c)" one:eth0
	reach c 10.99.1.1
}

@test "20 containers are connected at once" {
	local n pids=() failed=0
	for n in $(seq 20); do
		bg "c$n" ctrun --name "c$n" --rootfs "$ROOTFS" sleep 1000
	done
	wait_for 30 eval '[ "$(ct ps -j | jq "[.[] | select(.status == \"running\")] | length")" = 20 ]'
	for n in $(seq 20); do
		ctnet connect one "c$n" >/dev/null 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failed=$((failed + 1))
	done
	equal "$failed" 0
	reach c1 c20
	reach c20 c1
	bg_end
	no_trace_of one
}

# crash_at N COMMAND... - the command dies by SIGKILL at its Nth point
crash_at()
{
	local n=$1
	shift
	rm -f "$BATS_TEST_TMPDIR/points"
	run env CT_CRASH_LOG="$BATS_TEST_TMPDIR/points" CT_CRASH_AT="$n" "$@"
}

@test "kill -9 of connect and disconnect at every point, then gc: whole or not at all" {
	start c --net one
	CT_CRASH_LOG=$BATS_TEST_TMPDIR/points ctnet connect two c
	[ -s "$BATS_TEST_TMPDIR/points" ] || skip "this build has no crash points"
	local points n
	points=$(wc -l <"$BATS_TEST_TMPDIR/points")
	[ "$points" -ge 10 ] || fail "only $points points: $(cat "$BATS_TEST_TMPDIR/points")"
	gives 0 ctnet disconnect two c
	for n in $(seq "$points"); do
		crash_at "$n" ctnet connect two c --default-route
		equal "$status" 137
		gives 0 ctnet gc
		if [ "$(networks_of c)" = "one:eth0" ]; then
			no_trace_of two
			on_default c eth0
			gives 0 ct exec c ip -o link
			equal "${#lines[@]}" 2
		else
			reach c 10.99.2.1
		fi
		# once more, whatever stands, succeeds
		gives 0 ctnet connect two c
		gives 0 ctnet disconnect two c
		no_trace_of two
		on_default c eth0
	done
	rm "$BATS_TEST_TMPDIR/points"
	gives 0 ctnet connect two c
	CT_CRASH_LOG=$BATS_TEST_TMPDIR/points ctnet disconnect two c
	points=$(wc -l <"$BATS_TEST_TMPDIR/points")
	for n in $(seq "$points"); do
		gives 0 ctnet connect two c --default-route
		crash_at "$n" ctnet disconnect two c
		gives 0 ctnet gc
		gives 0 ctnet disconnect -f two c
		no_trace_of two
	done
	bg_end
	no_trace_of one
	no_trace_of two
}

@test "rm -f takes living containers off the network; they keep the others" {
	start c --net one --net two:default-route
	gives 0 ctnet rm -f two -j
	equal "$(jq -r '.[].name' <<<"$output")" two
	equal "$(networks_of c)" one:eth0
	on_default c eth0
	gives 0 ct exec c ip -o link
	equal "${#lines[@]}" 2
	reach c 10.99.1.1
}

@test "a named network namespace is on networks too" {
	ctnet ns add blue
	start c --net one
	gives 0 ctnet connect one ns:blue --ip 10.99.1.50 --ip6 fd99:1::50 --ifname lan0
	gives 0 ip netns exec blue ping -c 1 -W 5 10.99.1.1
	gives 0 ip netns exec blue ping -6 -c 1 -W 5 fd99:1::1
	reach c blue
	equal "$(ctnet inspect one -j | jq -r '.[0].containers[] | select(.name == "blue") | "\(.id) \(.ifname)"')" \
		"ns:blue lan0"
	gives 0 ctnet gc
	reach c 10.99.1.50
	gives 0 ctnet disconnect one ns:blue
	gives 1 ip -n blue link show lan0
	gives 0 ctnet connect one ns:blue
	gives 0 ctnet connect two ns:blue
	refuses 1 'ns:blue is no container' ctnet publish ns:blue 8080:80
	# what is not there keeps no other
	gives 1 ctnet ns rm nowhere blue
	gives 0 ctnet ns ls
	equal "$output" ""
	no_trace_of two
	refuses 1 'blue' ctnet connect one ns:blue
	ctnet ns add red
	gives 0 ctnet connect two ns:red
	ip netns del red
	gives 0 ctnet gc
	no_trace_of two
}

@test "ctnet ns says what is wrong with a name, or a pid" {
	refuses 1 'hint: .*ctnet ns ls' ctnet ns rm nowhere
	refuses 125 'hint: .*ctnet ns ls' ctnet ns exec nowhere true
	for name in '' a/b . ..; do
		refuses 2 'cannot name a network namespace.*hint: .*/run/netns' ctnet ns add "$name"
	done
	refuses 1 'there is no process 2147483647$' ctnet ns identify 2147483647
	refuses 2 'is not between 1 and' ctnet ns identify 0
}

@test "ctnet ns speaks JSON" {
	gives 0 ctnet ns add blue -j
	equal "$(jq -r '.[].name' <<<"$output")" blue
	equal "$(jq -r '.[].inode' <<<"$output")" "$(stat -Lc %i /run/netns/blue)"
	gives 0 ctnet ns exec blue ctnet ns identify -j
	equal "$(jq -r '.[].name' <<<"$output")" blue
	gives 0 ctnet ns rm blue -j
	equal "$(jq -r '.[].name' <<<"$output")" blue
	gives 0 ctnet ns ls -j
	equal "$output" "[]"
}
