#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What netem does on wires, from the file and changed while they are in use. Times are
# compared with those of a wire without delay of the same lab, at the same time: what
# the machine itself takes is on both.

# bats file_tags=vm

load lib
load labs
load lab

setup()
{
	tc qdisc replace dev lo root netem limit 10 2>/dev/null ||
		skip "needs netem (CONFIG_NET_SCH_NETEM, module sch_netem)"
	tc qdisc del dev lo root
}

teardown()
{
	bg_end
	labs_end
}

# wires KEY=VALUE[,KEY=VALUE...]... - the lab "wires": nodes a and b, wire w0 without
# anything, and one for each word: wN with 10.0.N.1 at a, 10.0.N.2 at b
wires()
{
	local n=0 words
	LAB=$BATS_TEST_TMPDIR/wires.ini
	printf '[node.a]\n[node.b]\n' >"$LAB"
	for words in "" "$@"; do
		printf '[link.w%s]\nends = a:eth%s b:eth%s\nsubnet = 10.0.%s.0/30\n' $n $n $n $n
		tr ',' '\n' <<<"$words"
		n=$((n + 1))
	done >>"$LAB"
	gives 0 ctlab up "$LAB"
}

impairments()
{
	ctlab status -j wires | jq -c --arg n "$1" '.[0].links[] | select(.name == $n) | .impairments'
}

in_fabric()
{
	nsenter -t "$(supervisor_of wires)" -n "$@"
}

# queues - what the fabric has of queueing disciplines, filters and links; few processes
queues()
{
	local pid devs
	pid=$(supervisor_of wires)
	devs=$(nsenter -t "$pid" -n ip -o link show | awk -F'[ :@]+' '{ print $2 }' | sort)
	echo "$devs"
	{
		echo "qdisc show"
		awk '{ print "filter show dev", $1, "ingress\nfilter show dev", $1, "egress" }' <<<"$devs"
	} | nsenter -t "$pid" -n tc -b -
}

# pings NODE ADDRESS FILE - round trips in microseconds, sorted
pings()
{
	ctlab exec wires "$1" ping -c 30 -i 0.02 -W 5 "$2" |
		sed -n '/DUP!/d; s/.*time=\([0-9.]*\) ms.*/\1/p' | awk '{ printf "%d\n", $1 * 1000 + 0.5 }' |
		sort -n >"$3"
}

# rtt N MICROSECONDS - wire N beside wire 0: none is sooner, the median no more than
# 1.5 ms later; in an emulated machine, whose timers are late when it gets no
# processor, the fastest
rtt()
{
	local with=$BATS_TEST_TMPDIR/with without=$BATS_TEST_TMPDIR/without late which=15
	[ -z "${CT_VM-}" ] || which=1
	pings a 10.0.0.2 "$without" &
	pings a "10.0.$1.2" "$with"
	wait $!
	equal "$(wc -l <"$with") $(wc -l <"$without")" "30 30" || return
	(($(head -n 1 "$with") >= $2)) || {
		echo "a round trip of $(head -n 1 "$with") us where $2 are the least" |
			tee "$BATS_TEST_TMPDIR/early"
		return 1
	}
	late=$(($(sed -n ${which}p "$with") - $(sed -n ${which}p "$without") - $2))
	((late <= 1500)) || {
		echo "wire $1: $late us later than $2"
		return 1
	}
}

# rtt_holds N MICROSECONDS - tried again where the machine was busy, but never when sooner
rtt_holds()
{
	local try
	for try in 1 2 3 4 5; do
		if rtt "$@" >"$BATS_TEST_TMPDIR/why"; then return 0; fi
		[ ! -e "$BATS_TEST_TMPDIR/early" ] || break
	done
	fail "after $try tries: $(cat "$BATS_TEST_TMPDIR/why")"
}

# flow FROM TO ADDRESS COUNT SIZE GAP_US - $BATS_TEST_TMPDIR/flow: what arrived. The program
# is an argument: nodes do not see what this sandbox has mounted on /tmp.
flow()
{
	local receiver program
	program=$(<"$CT_TESTS/system/flow.py")
	bg flow ctlab exec wires "$2" python3 -c "$program" receive
	receiver=$bg_pid
	wait_for 5 eval "ctlab exec wires $2 ss -Hlun 'sport = :5009' | grep -q ." ||
		fail "no receiver: $(cat "$BATS_TEST_TMPDIR/flow.err")
$(ctlab exec wires "$2" ss -aun 2>&1)"
	ctlab exec wires "$1" python3 -c "$program" send "$3" "$4" "$5" "$6"
	wait_for 60 is_gone "$receiver"
	wait "$receiver" || fail "$(cat "$BATS_TEST_TMPDIR/flow.err")"
	cp "$BATS_TEST_TMPDIR/flow.out" "$BATS_TEST_TMPDIR/flow"
}

# arrived - how many datagrams
arrived()
{
	grep -c . "$BATS_TEST_TMPDIR/flow"
}

# sooner_than MICROSECONDS - how many took less
sooner_than()
{
	awk -v us="$1" '$2 < us * 1000 { n++ } END { print n + 0 }' "$BATS_TEST_TMPDIR/flow"
}

# binomial N PERCENT COUNT - whether COUNT of N lies where 99 % of all do
binomial()
{
	awk -v n="$1" -v p="$2" -v k="$3" 'BEGIN {
		p /= 100
		d = k - n * p
		exit !(d * d <= 2.576 ^ 2 * n * p * (1 - p))
	}'
}

# share PERCENT COMMAND... - of 2000 datagrams over wire 1; a second time when the first
# is outside, so that one run in ten thousand fails
share()
{
	local percent=$1 try n
	shift
	for try in 1 2; do
		flow a b 10.0.1.2 2000 1000 500
		n=$("$@")
		if binomial 2000 "$percent" "$n"; then return 0; fi
		echo "try $try: $n of 2000 where $percent % were expected" >&2
	done
	return 1
}

lost()
{
	echo $((2000 - $(arrived)))
}

twice()
{
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/flow" | sort -n | uniq -d | wc -l
}

@test "round trips take the sum of the delays" {
	wires delay=2ms delay=20ms delay.ab=5ms,delay.ba=20ms delay.ab=60ms
	rtt_holds 1 4000
	rtt_holds 2 40000
	rtt_holds 3 25000
	rtt_holds 4 60000
}

@test "each direction has its own delay" {
	wires delay.ab=60ms,delay.ba=10ms
	flow a b 10.0.1.2 50 100 5000
	equal "$(arrived) $(sooner_than 60000)" "50 0"
	flow b a 10.0.1.1 50 100 5000
	equal "$(arrived) $(sooner_than 10000)" "50 0"
	(($(sooner_than 60000) > 25)) || fail "the way back has the delay of the way there"
}

@test "a delay that is changed: what comes then has it, and nothing is lost" {
	wires delay=10ms
	rtt_holds 1 20000
	bg ping ctlab exec wires a ping -qc 200 -i 0.01 -W 5 10.0.1.2
	local ping=$bg_pid delay
	while ! is_gone "$ping"; do
		for delay in 12ms 30ms 5ms 20ms; do
			ctlab impair wires w1 delay=$delay
		done
	done
	grep -q ' 200 received' "$BATS_TEST_TMPDIR/ping.out" || fail "$(cat "$BATS_TEST_TMPDIR/ping.out")"
	ctlab impair wires w1 delay=30ms
	rtt_holds 1 60000
	ctlab impair wires w1 delay.ba=0
	rtt_holds 1 30000
}

@test "one parameter without resetting the others" {
	wires delay=20ms,loss=0.001%,dup.ab=30%
	ctlab impair wires w1 rate=50mbit
	equal "$(impairments w1 | jq -c .ab)" '{"rate":"50mbit","delay":"20ms","loss":"0.001%","dup":"30%"}'
	rtt_holds 1 40000
	share 30 twice
	ctlab impair wires w1 dup=0 loss.ab=10%
	equal "$(impairments w1 | jq -c .ab)" '{"rate":"50mbit","delay":"20ms","loss":"10%"}'
	share 10 lost
	equal "$(sooner_than 20000) $(twice)" "0 0"
	in_fabric tc -j qdisc show | jq -e '[.[] | select(.kind == "netem")] | length == 2' ||
		fail "$(in_fabric tc qdisc show)"
}

@test "losses from the file and live, within the interval in which 99 % lie" {
	wires loss.ab=2%
	share 2 lost
	ctlab impair wires w1 loss.ab=30%
	share 30 lost
	ctlab impair wires w1 loss.ab=100%
	run ctlab exec wires a ping -qc 3 -i 0.01 -W 1 10.0.1.2
	equal "$status" 1
}

@test "doubles" {
	wires dup.ab=20%
	share 20 twice
	flow b a 10.0.1.1 200 100 500
	equal "$(arrived) $(twice)" "200 0"
}

# What is corrupt arrives on the wire and is refused by its checksum, or, one in 170,
# was hit where nobody looks.
@test "corruption: it arrives, and nobody believes it" {
	wires corrupt.ab=20%
	local before after
	before=$(ctlab exec wires b cat /sys/class/net/eth1/statistics/rx_packets)
	share 20 lost
	after=$(ctlab exec wires b cat /sys/class/net/eth1/statistics/rx_packets)
	((after - before >= 2000)) || fail "$((after - before)) of 2000 frames arrived"
}

@test "reordering: what overtakes has no delay; without it jitter keeps the order" {
	wires delay.ab=150ms,reorder.ab=25%
	share 25 sooner_than 100000
	ctlab impair wires w1 none delay.ab=40ms jitter.ab=20ms
	flow a b 10.0.1.2 500 100 1000
	equal "$(arrived) $(sooner_than 20000)" "500 0"
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/flow" | sort -nc || fail "jitter changed the order"
	# each is as late as it or one before it drew: from 20 to 60 ms
	(($(sooner_than 50000) < 500)) || fail "no jitter: $(sort -nk 2 "$BATS_TEST_TMPDIR/flow" | tail -n 1)"
}

@test "back to nothing leaves no queueing discipline, filter or link" {
	wires "" delay=5ms
	local before
	before=$(queues)
	ctlab impair wires w1 delay=20ms jitter=2ms loss=1% dup=1% corrupt=1% rate=10mbit
	[ "$(queues)" != "$before" ] || fail "nothing was set"
	ctlab impair wires w1 none
	equal "$(queues)" "$before"
	rtt_holds 1 0
	ctlab impair wires w1 rate=10mbit
	ctlab impair wires w1 delay.ab=20ms
	ctlab impair wires w1 delay=0
	ctlab impair wires w1 rate=0
	equal "$(queues)" "$before"
	ctlab impair wires w2 none
	! in_fabric tc qdisc show | grep netem || fail "a netem is left"
	rtt_holds 2 0
}

# 40 mbit for 500 ms are 1650 frames under way, more than netem holds unless told.
@test "what is under way has room beside the queue" {
	wires delay=500ms,rate=40mbit
	printf '[test.fast]\ntype = udp-rate\nfrom = a:eth1\nto = b:eth1\nseconds = 3\nexpect = 36mbit..44mbit\n' >>"$LAB"
	ctlab down wires
	gives 0 ctlab up "$LAB"
	gives 0 ctlab test wires --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
	! grep -q SKIP "$BATS_TEST_TMPDIR/tap" || fail "$(cat "$BATS_TEST_TMPDIR/tap")"
	# with netem's own limit it is not so fast
	local dev
	for dev in $(in_fabric tc -j qdisc show | jq -r '.[] | select(.kind == "netem") | .dev'); do
		in_fabric tc qdisc change dev "$dev" root netem limit 1000 delay 500ms rate 40mbit
	done
	gives 1 ctlab test wires
}

@test "a LAN: a member's wire is slow, the others are not" {
	cat >"$BATS_TEST_TMPDIR/wires.ini" <<-'END'
		[node.a]
		[node.b]
		[node.s]
		kind = switch
		[link.sa]
		ends = a:eth0 s:p1
		ip = 10.0.0.1/24,
		[link.sb]
		ends = b:eth0 s:p2
		ip = 10.0.0.2/24,
		[node.c]
		[link.sc]
		ends = c:eth0 s:p3
		ip = 10.0.0.3/24,
		delay.ab = 30ms
		delay.ba = 5ms
	END
	gives 0 ctlab up "$BATS_TEST_TMPDIR/wires.ini"
	flow a c 10.0.0.3 20 100 5000
	equal "$(arrived) $(sooner_than 5000)" "20 0"
	(($(sooner_than 30000) > 10)) || fail "towards c: $(cat "$BATS_TEST_TMPDIR/flow")"
	flow c a 10.0.0.1 20 100 5000
	equal "$(arrived) $(sooner_than 30000)" "20 0"
	flow a b 10.0.0.2 20 100 5000
	(($(sooner_than 5000) > 10)) || fail "towards b: $(cat "$BATS_TEST_TMPDIR/flow")"
	ctlab impair wires sc none
	! in_fabric tc qdisc show | grep -E 'netem|clsact|ingress' || fail "left"
	[ -z "$(in_fabric ip link show type ifb)" ] || fail "left: $(in_fabric ip link show type ifb)"
}

@test "the delays of a whole lab are measured, none is skipped" {
	demo_lab
	gives 0 ctlab up "$DEMO"
	gives 0 ctlab test demo --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
	! grep SKIP "$BATS_TEST_TMPDIR/tap" || fail "a test was skipped"
	grep -E '^ok .*rtt-wan' "$BATS_TEST_TMPDIR/tap"
	grep -E '^ok .*asym' "$BATS_TEST_TMPDIR/tap"
}
