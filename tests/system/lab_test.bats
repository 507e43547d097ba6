#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab test: each type of test passes, fails and is skipped; waiting, results, scenarios.

load lib
load lab

# routed - $LAB: a - r - b, and c on a's LAN; stdin: tests
routed()
{
	local tests
	tests=$(cat)
	LAB=$(lab_file tried <<-END
		[lab]
		name = tried
		unsupported = warn
		[node.r]
		kind = router
		[node.a]
		[node.c]
		[node.b]
		lo = 10.9.0.1/32 fd09::1/128
		route.1 = blackhole 192.0.2.0/24
		[net.lan]
		subnet = 10.1.0.0/24 fd01::/64
		members = r:lan=.1 a:lan=.10 c:lan=.11
		gateway = r
		[link.rb]
		ends = r:eth1 b:eth0
		subnet = 10.2.0.0/30 fd02::/64
		mtu = 1400
		rate = 20mbit
		state = up
		[defaults.node]
		route.9 = default via 10.2.0.1
		END
	)
	# only b may have that default route
	sed -i '/^\[defaults.node\]/,$d' "$LAB"
	sed -i '/^route.1 = blackhole/a route.2 = default via 10.2.0.1\nroute.3 = default via fd02::1' "$LAB"
	sed -i '/^kind = router/a route.1 = 10.9.0.1/32 via 10.2.0.2\nroute.2 = fd09::1/128 via fd02::2' "$LAB"
	echo "$tests" >>"$LAB"
}

# verdict NAME - PASS, FAIL ... of the last run
verdict()
{
	awk -v n="$1" '$2 == n { print $1 }' <<<"$output"
}

# verdicts WORD NAME... - all of them have it
verdicts()
{
	local want=$1 name
	shift
	for name; do
		[ "$(verdict "$name")" = "$want" ] ||
			fail "$name: $(verdict "$name") in place of $want: $output"
	done
}

@test "echoes: ping, rtt, loss, ttl pass and fail, in both families" {
	routed <<-'END'
		[test.ping4]
		type = ping
		from = a
		to = b
		[test.ping6]
		type = ping
		from = a:lan
		to = b:eth0
		family = 6
		[test.ping-no]
		type = ping
		from = a
		to = 10.1.0.99
		count = 1
		[test.ping-fail]
		type = ping
		from = a
		to = 192.0.2.1
		expect = fail
		[test.ping-fail-no]
		type = ping
		from = a
		to = b
		expect = fail
		[test.rtt]
		type = rtt
		from = a
		to = b
		expect = 0..500ms
		[test.rtt-no]
		type = rtt
		from = a
		to = b
		expect = 5s +-1s
		[test.loss]
		type = loss
		from = a
		to = b
		count = 50
		expect = 0%
		[test.loss-no]
		type = loss
		from = a
		to = b
		count = 20
		expect = 50%..100%
		[test.ttl]
		type = ttl
		from = a
		to = b
		expect = 63
		[test.ttl6]
		type = ttl
		from = a
		to = b
		family = 6
		expect = ~^63$
		[test.ttl-no]
		type = ttl
		from = a
		to = b
		expect = 64
	END
	ctlab up "$LAB"
	run -1 ctlab test tried
	verdicts PASS ping4 ping6 ping-fail rtt loss ttl ttl6
	verdicts FAIL ping-no ping-fail-no rtt-no loss-no ttl-no
	[[ $output == *"ttl-no"*"ttl 63; 64 expected"* ]]
	[[ $output == *"tried: 12 tests: 7 passed, 5 failed, 0 skipped"* ]]
}

@test "paths: pmtu, trace, route, neigh pass and fail" {
	routed <<-'END'
		[test.pmtu]
		type = pmtu
		from = a
		to = b
		expect = 1400
		[test.pmtu6]
		type = pmtu
		from = a
		to = b
		family = 6
		expect = 1280..1400
		[test.pmtu-no]
		type = pmtu
		from = a
		to = b
		expect = 1500
		[test.trace]
		type = trace
		from = a
		to = b
		expect = 10.1.0.1 10.9.0.1
		[test.trace6]
		type = trace
		from = a
		to = b
		family = 6
		expect = "~^fd01::1 fd09::1$"
		[test.trace-no]
		type = trace
		from = a
		to = b
		expect = 10.9.0.1
		[test.route]
		type = route
		node = a
		to = default
		expect = "~^default via 10\.1\.0\.1 dev lan"
		[test.route-get]
		type = route
		node = a
		to = b
		expect = "~via 10\.1\.0\.1 dev lan src 10\.1\.0\.10$"
		[test.route-none]
		type = route
		node = a
		to = 10.77.0.0/16
		expect = fail
		[test.route-no]
		type = route
		node = a
		to = 10.77.0.0/16
		[test.neigh]
		type = neigh
		node = a
		to = c
		expect = "~^10\.1\.0\.11 dev lan lladdr ..:..:..:..:..:.. "
		[test.neigh6]
		type = neigh
		node = a
		to = c
		family = 6
		[test.neigh-no]
		type = neigh
		node = a
		to = 10.1.0.99
		[test.neigh-fail]
		type = neigh
		node = a
		to = b
		expect = fail
	END
	ctlab up "$LAB"
	run -1 ctlab test tried
	verdicts PASS pmtu pmtu6 trace trace6 route route-get route-none neigh neigh6 neigh-fail
	verdicts FAIL pmtu-no trace-no route-no neigh-no
}

@test "a trace finds routers that other tests keep from answering for a moment" {
	LAB=$(
		{
			cat <<-'END'
				[lab]
				name = tired
				[node.h]
				route.1 = default via 10.1.0.2
				[node.r]
				kind = router
				[node.g]
				route.1 = default via 10.2.0.1
				[links]
				a = h:e r:e subnet=10.1.0.0/24
				b = r:f g:e subnet=10.2.0.0/24
				[test.trace]
				type = trace
				from = h
				to = g
				expect = "~^10\.1\.0\.2 10\.2\.0\.2$"
				wait = 0
			END
			for i in {1..4}; do
				printf '[test.lost%s]\ntype = ping\nfrom = h\nto = 10.99.0.%s\n' "$i" "$i"
				printf 'expect = fail\n'
			done
		} | lab_file tired
	)
	run -0 ctlab test "$LAB"
	verdicts PASS trace lost1 lost2 lost3 lost4
}

@test "routes are printed as ip -o route prints them" {
	local prefix ours theirs i=0
	LAB=$(lab_file printed <<-'END'
		[lab]
		name = printed
		[node.a]
		lo = 10.9.0.1/32
		route.1 = default via 10.0.0.2 metric 7
		route.2 = 10.7.0.0/16 nexthop via 10.0.0.2 nexthop via 10.0.1.2
		route.3 = blackhole 10.8.0.0/16
		route.4 = 10.6.0.0/16 via 10.0.0.2 src 10.9.0.1
		route.5 = fd07::/64 nexthop via fd00::2 nexthop via fd00:1::2
		route.6 = default via fd00::2
		[node.b]
		[links]
		one = a:eth0 b:eth0 ip=10.0.0.1/24,10.0.0.2/24,fd00::1/64,fd00::2/64
		two = a:eth1 b:eth1 ip=10.0.1.1/24,10.0.1.2/24,fd00:1::1/64,fd00:1::2/64
		END
	)
	for prefix in default 10.7.0.0/16 10.8.0.0/16 10.6.0.0/16 10.0.0.0/24 fd07::/64 fd00::/64; do
		printf '[test.t%d]\ntype = route\nnode = a\nto = %s\n' $((++i)) "$prefix" >>"$LAB"
	done
	printf '[test.t%d]\ntype = route\nnode = a\nto = default\nfamily = 6\n' $((++i)) >>"$LAB"
	ctlab up "$LAB"
	ctlab test printed -j >"$BATS_TEST_TMPDIR/json"
	i=0
	for prefix in "-4 default" 10.7.0.0/16 10.8.0.0/16 10.6.0.0/16 10.0.0.0/24 \
		"-6 fd07::/64" "-6 fd00::/64" "-6 default"; do
		# shellcheck disable=SC2086 # the family is a word of its own
		set -- $prefix
		theirs=$(in_node printed a ip -o ${2:+"$1"} route show exact "${2:-$1}" | sed 's/ *$//')
		: $((i += 1))
		ours=$(jq -r --arg n "t$i" '.[] | select(.name == $n) | .message' \
			"$BATS_TEST_TMPDIR/json")
		[ "$ours" = "$theirs" ] || fail "$prefix: $ours, ip: $theirs"
	done
}

@test "pingall: shares, patterns, who is silent" {
	routed <<-'END'
		[test.all]
		type = pingall
		expect = 100%
		[test.all6]
		type = pingall
		nodes = a b c
		family = 6
		expect = 100%
		[test.some]
		type = pingall
		nodes = a c
		expect = 100%
		[test.no]
		type = pingall
		nodes = *
		count = 1
		expect = 0%..50%
	END
	ctlab up "$LAB"
	run -1 ctlab test tried
	verdicts PASS all all6 some
	verdicts FAIL no
	[[ $output == *"12 of 12 pairs; 0%..50% expected"* ]]
	in_node tried c ip link set lan down
	run -1 ctlab test tried all
	verdicts FAIL all
	[[ $output == *"2 of 6 pairs; silent: "* ]]
}

@test "pingall: one that has no two hosts is skipped, and said to be" {
	LAB=$(lab_file lone <<-'END'
		[node.a]
		[node.r]
		kind = router
		[test.all]
		type = pingall
	END
	)
	run -0 ctlab lint "$LAB"
	[[ $output == *"lone.ini:4:2: [test.all]: pingall has no two nodes: it is skipped"* ]]
	run -0 ctlab test "$LAB"
	verdicts SKIP all
}

@test "rates: tcp and udp, by what the wire lets through" {
	routed <<-'END'
		[test.tcp]
		type = tcp-rate
		from = a
		to = b
		seconds = 1
		expect = 4mbit..20mbit
		[test.udp]
		type = udp-rate
		from = b
		to = a
		seconds = 1
		expect = 4mbit..20mbit
		[test.tcp-no]
		type = tcp-rate
		from = a
		to = b
		seconds = 1
		family = 6
		expect = 1mbit +-0.5mbit
		[test.udp-no]
		type = udp-rate
		from = a
		to = 192.0.2.7
		seconds = 1
	END
	ctlab up "$LAB"
	run -1 ctlab test tried
	verdicts PASS tcp udp
	verdicts FAIL tcp-no udp-no
}

@test "commands and HTTP" {
	routed <<-'END'
		[test.true]
		type = exec
		node = a
		cmd = "test $(hostname) = a && ip -o link show lan >/dev/null"
		[test.false]
		type = exec
		node = a
		cmd = "echo why; echo >&2 because; exit 7"
		[test.fail]
		type = exec
		node = a
		cmd = "exit 1"
		expect = fail
		[test.number]
		type = exec
		node = a
		cmd = "echo load 0.25 of 9"
		expect = 0.2..0.3
		[test.number-no]
		type = exec
		node = a
		cmd = "echo 4"
		expect = 5 +-0.5
		[test.regex]
		type = exec
		node = b
		cmd = "printf 'one\ntwo\n'"
		expect = ~^two$
		[test.none]
		type = exec
		node = a
		cmd = "ctlab-no-such-program"
		[test.http]
		type = http
		node = a
		to = http://b:8000/lab.txt
		expect = ~^of the lab$
		wait = 10s
		[test.http6]
		type = http
		node = a
		to = http://[fd09::1]:8000/
		[test.http-404]
		type = http
		node = a
		to = http://10.9.0.1:8000/none
		[test.http-refused]
		type = http
		node = a
		to = http://b:81/
		expect = fail
		[test.http-who]
		type = http
		node = a
		to = http://nobody/
		expect = fail
	END
	sed -i "/^lo = 10.9.0.1/a daemon.1 = \"cd /tmp; echo of the lab >lab.txt; exec python3 -m http.server --bind :: 8000\"" "$LAB"
	ctlab up "$LAB"
	run -1 ctlab test tried
	verdicts PASS true fail number regex http http6 http-refused
	verdicts FAIL false number-no none http-404 http-who
	[[ $output == *"exit status 7; ok expected"*"| why"*"| because"* ]]
	[[ $output == *"nobody is neither a node nor an address"* ]]
}

@test "skipped: what is needed and not there, nodes left out, what a wire was built without" {
	routed <<-'END'
		[test.bin]
		type = exec
		node = a
		cmd = "true"
		needs = bin:ctlab-no-such-program
		[test.here]
		type = exec
		node = a
		cmd = "true"
		needs = bin:sh
		[test.warn]
		type = ping
		from = a
		to = 10.1.0.99
		count = 1
		level = warn
		[test.b]
		type = ping
		from = a
		to = b
		expect = fail
		[scenario.s]
		needs = bin:ctlab-no-such-program
		step.1 = exec a "false"
		[scenario.cut]
		step.1 = link rb down
	END
	ctlab up "$LAB"
	run -0 ctlab test tried bin here warn s
	verdicts SKIP bin s
	verdicts PASS here
	verdicts WARN warn
	[[ $output == *"1 passed, 0 failed, 1 warned, 2 skipped"* ]]
	ctlab down tried
	ctlab up --only a,c,r "$LAB"
	run -0 ctlab test tried b cut
	verdicts SKIP b cut
	[[ $output == *"node b was left out"* ]]
}

@test "a wire built without its delay: rtt is skipped both ways, ping is not" {
	routed <<-'END'
		[test.there]
		type = rtt
		from = a
		to = b
		expect = 0..1s
		[test.back]
		type = rtt
		from = b
		to = c
		expect = 0..1s
		[test.beside]
		type = rtt
		from = a
		to = c
		expect = 0..1s
		[test.ping]
		type = ping
		from = a
		to = b
		[scenario.slow]
		step.1 = impair rb delay=5ms
	END
	sed -i 's/^state = up/delay = 10ms/' "$LAB"
	ctlab up "$LAB"
	jq -e '.[0].unapplied | length > 0' <(ctlab status tried -j) || skip "this kernel has netem"
	run -0 ctlab test tried
	verdicts SKIP there back slow
	verdicts PASS beside ping
	[[ $output == *"rb was built without delay"* ]]
}

@test "wait: tried until it holds; those behind it begin then" {
	routed <<-'END'
		[test.first]
		type = exec
		node = a
		cmd = "test -e /tmp/there"
		wait = 20s
		[test.second]
		type = exec
		node = c
		cmd = "test -e /tmp/there"
		expect = fail
		[test.never]
		type = exec
		node = a
		cmd = "false"
		wait = 300ms
	END
	ctlab up "$LAB"
	bg waits ctlab test tried first second
	ctlab exec tried a touch /tmp/there
	wait_for 20 grep -q ': 2 tests: 2 passed' "$BATS_TEST_TMPDIR/waits.out"
	[ "$(awk '{ print $2 }' "$BATS_TEST_TMPDIR/waits.out" | head -n 2 | xargs)" = "first second" ]
	run -1 ctlab test tried never
	verdicts FAIL never
}

@test "results: JUnit, TAP, JSON, quiet" {
	routed <<-'END'
		[test.good]
		type = ping
		from = a
		to = c
		[test.bad]
		type = exec
		node = a
		cmd = 'printf "<&\\033]]>\\n"; exit 3'
		[test.gone]
		type = exec
		node = a
		cmd = "true"
		needs = bin:ctlab-no-such-program
		[scenario.s]
		step.1 = exec a "true"
	END
	ctlab up "$LAB"
	run -1 ctlab test tried --junit "$BATS_TEST_TMPDIR/j.xml" --tap "$BATS_TEST_TMPDIR/t.tap"
	if command -v xmllint >/dev/null; then
		xmllint --noout "$BATS_TEST_TMPDIR/j.xml"
	fi
	grep -q '<testsuite name="tried" tests="4" failures="1" errors="0" skipped="1"' \
		"$BATS_TEST_TMPDIR/j.xml"
	grep -q '^not ok 2 - bad$' "$BATS_TEST_TMPDIR/t.tap"
	grep -q '^ok 3 - gone # SKIP needs bin:' "$BATS_TEST_TMPDIR/t.tap"
	grep -q '^ok 4 - s$' "$BATS_TEST_TMPDIR/t.tap"
	run -1 ctlab test tried -j
	jq -e 'map(.result) == ["pass", "fail", "skip", "pass"] and .[1].expect == "ok" and
		.[3].kind == "scenario" and (.[0].line | type) == "number"' <<<"$output"
	run -1 ctlab -q test tried
	[ "$(grep -c . <<<"$output")" = 2 ]
	run -1 ctlab test tried --tap -
	[[ $output == "TAP version 13"*"1..4"* && $output != *PASS* ]]
	run -1 ctlab test tried --junit /no/such/directory/file
	[[ $output == *"/no/such/directory/file"* && $output != *PASS* ]]
}

@test "scenarios: cable, impairment, commands, expectations, nodes; the first failure ends one" {
	routed <<-'END'
		[scenario.cut]
		step.1 = expect ok ping a b wait=5s
		step.2 = link rb down
		step.3 = expect fail ping a b
		step.4 = exec a "test $(hostname) = a"
		step.5 = link rb up
		step.6 = expect ok ping a b wait=5s family=6
		step.7 = impair rb rate=5mbit
		step.8 = impair rb none
		step.9 = sleep 10ms
		[scenario.node]
		step.1 = node b stop
		step.2 = expect fail ping a b
		step.3 = node b start
		step.4 = expect ok ping b:eth0 a wait=5s
		[scenario.wrong]
		step.1 = 'exec a "echo no; exit 5"'
		step.2 = exec a "touch /tmp/not-reached"
		[scenario.wrong-ping]
		step.1 = expect fail ping a c wait=200ms
	END
	ctlab up "$LAB"
	run -1 ctlab test tried
	verdicts PASS cut node
	verdicts FAIL wrong wrong-ping
	[[ $output == *'step 1, exec a "echo no; exit 5": exit status 5'*"| no"* ]]
	[[ $output == *"step 1, expect fail ping a c wait=200ms: 3 of 3 answered"* ]]
	run ! ctlab exec tried a test -e /tmp/not-reached
}

@test "a file: up, test, down; the status of each part" {
	routed <<-'END'
		[test.good]
		type = ping
		from = a
		to = b
		[test.bad]
		type = ping
		from = a
		to = b
		expect = fail
	END
	run -0 ctlab test "$LAB" good
	verdicts PASS good
	[ -z "$(ctlab ls -q -j | jq -r '.[].name')" ]
	run -1 ctlab test "$LAB"
	[ -z "$(ctlab ls -j | jq -r '.[].name')" ]
	run -0 ctlab test - good <"$LAB"
	run -2 ctlab test "$LAB" goood
	[[ $output == *"did you mean 'good'?"* ]]
	run -1 ctlab test no-such-lab
	printf '[node.a]\nbad = key\n' >"$BATS_TEST_TMPDIR/bad.ini"
	run -2 ctlab test "$BATS_TEST_TMPDIR/bad.ini"
	run -2 ctlab test
	printf '[lab]\nname = half\n[node.a]\nexec.1 = "false"\n' >"$BATS_TEST_TMPDIR/half.ini"
	run -4 ctlab test "$BATS_TEST_TMPDIR/half.ini"
	[ -z "$(ctlab ls -j | jq -r '.[].name')" ]
}

# hangs - a lab with a command that goes on
hangs()
{
	routed <<-'END'
		[test.hang]
		type = exec
		node = a
		cmd = "sleep 424243 & sleep 424242; true"
		[test.wait]
		type = ping
		from = a
		to = 10.1.0.99
		wait = 1h
	END
}

sleeps()
{
	[ "$(pgrep -fc '^sleep 42424[23]')" = "$1" ]
}

@test "interrupted: commands in nodes end with what they began" {
	local sig pid
	hangs
	ctlab up "$LAB"
	for sig in INT TERM KILL; do
		ctlab test tried hang &
		pid=$!
		wait_for 10 sleeps 2
		kill -"$sig" "$pid"
		wait "$pid" || true
		wait_for 10 sleeps 0
	done
	ctlab test tried hang >"$BATS_TEST_TMPDIR/out" &
	pid=$!
	wait_for 10 sleeps 2
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 143 ]
	grep -q "tried: 1 test: 0 passed, 0 failed, 0 skipped, 1 not run" "$BATS_TEST_TMPDIR/out"
}

@test "interrupted: a lab made for it goes too" {
	local sig pid
	hangs
	for sig in INT TERM KILL; do
		ctlab test "$LAB" &
		pid=$!
		wait_for 10 sleeps 2
		kill -"$sig" "$pid"
		wait "$pid" || true
		wait_for 10 sleeps 0
		ctnet gc
		[ -z "$(ctlab ls -j | jq -r '.[].name')" ]
		wait_for 5 same_lab_world "$before"
	done
}
