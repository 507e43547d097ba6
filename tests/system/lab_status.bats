#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab status and graph of labs that run: what they say is what is.

load lib
load lab

# seen_lab - $LAB: one of each thing that status tells of
seen_lab()
{
	LAB=$(lab_file seen <<-'END'
		[lab]
		name = seen
		[node.r]
		kind = router
		lo = 10.255.0.1/32 fd00:ff::1/128
		daemon.1 = "echo it runs; exec sleep 424242"
		[node.a]
		[node.b]
		[node.s]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = r:lan=.1 a:eth0=.10
		rate = 100mbit
		[links]
		rb = r:eth0 b:eth0 subnet=10.0.0.0/30 rate.ab=5mbit loss.ba=1%
		plain = a:eth1 b:eth1 subnet=10.0.1.0/30
		hard = r:eth9 b:eth9 subnet=10.0.9.0/30 wire=direct
		sa = a:eth2 s:p1 ip=10.2.0.1/24,
	END
	)
}

# status JQ - what it makes of the lab's object
status()
{
	ctlab status -j seen | jq -er ".[0] | $1"
}

# is JQ WANTED
is()
{
	local got
	got=$(status "$1") || fail "nothing: $1"
	equal "$got" "$2"
}

@test "nodes, interfaces and addresses as the kernel has them" {
	seen_lab
	ctlab up "$LAB"
	is .name seen
	is .state running
	is '[.nodes[].name] | join(" ")' "r a b s"
	is '.nodes[0] | "\(.kind) \(.state)"' "router running"
	is .nodes[0].pid "$(node_pid seen r)"
	is '.nodes[0].interfaces[] | select(.ifname == "lo") | .addresses | join(" ")' \
		"127.0.0.1/8 10.255.0.1/32 fd00:ff::1/128 ::1/128"
	is '.nodes[1].interfaces[] | select(.ifname == "eth0") | .addresses[0]' 10.1.0.10/24
	is '.nodes[1].interfaces[] | select(.ifname == "eth0") | .mac' \
		"$(in_node seen a ip -br link show eth0 | awk '{ print $3 }')"
	in_node seen a ip addr add 192.0.2.7/24 dev eth0
	is '.nodes[1].interfaces[] | select(.ifname == "eth0") | .addresses | map(select(startswith("192"))) | .[0]' \
		192.0.2.7/24
	is '.nodes[3] | "\(.kind) \(.state) \(.pid)"' "switch running null"
	is '.nets[0] | "\(.name) \(.members | join(" ")) \(.impairments.ab.rate)"' \
		"lan r:lan a:eth0 100mbit"
	is '.unapplied | length' 0
}

# has_carrier N - of links
has_carrier()
{
	[ "$(status ".links[$1].state")" = up ]
}

@test "links with wire, state, impairments and what passed" {
	seen_lab
	ctlab up "$LAB"
	# the kernel notices the carrier of a direct wire a moment after it is up
	wait_for 5 has_carrier 2
	is '[.links[] | "\(.name) \(.wire) \(.state)"] | join(", ")' \
		"rb stitched up, plain stitched up, hard direct up, sa bridged up"
	is '.links[0] | "\(.ends | join(" ")) \(.impairments)"' \
		'r:eth0 b:eth0 {"ab":{"rate":"5mbit"},"ba":{"loss":"1%"}}'
	ctlab exec seen a ping -qc 20 -i 0.01 -s 1000 10.0.1.2
	is '.links[1].traffic | .ab.bytes > 20000 and .ba.packets >= 20' true
	ctlab exec seen r ping -qc 20 -i 0.01 -s 1000 10.0.9.2
	is '.links[2].traffic | .ab.bytes > 20000 and .ba.packets >= 20' true
	is '.links[0].traffic.ab | has("rate") | not' true
	gives 0 ctlab status --rate=100ms -j seen
	jq -e '.[0].links[0].traffic.ab.rate >= 0' <<<"$output"
}

@test "a rate that is measured is what passes" {
	seen_lab
	ctlab up "$LAB"
	bg flood ctlab exec seen r ping -qf -s 1400 10.0.9.2
	wait_for 10 eval 'ctlab status --rate=200ms -j seen |
		jq -e ".[0].links[2].traffic | .ab.rate > 1000000 and .ba.rate > 1000000"'
}

@test "a cut, a stopped node, an interface that is down" {
	seen_lab
	sed -i '/^hard/d' "$LAB"
	ctlab up "$LAB"
	ctlab link seen rb down
	is '.links[0].state' down
	is '.nodes[0].interfaces[] | select(.ifname == "eth0") | "\(.up) \(.carrier)"' "true false"
	is .state running
	in_node seen a ip link set eth1 down
	wait_for 5 eval '[ "$(status .links[1].state)" = "no carrier" ]'
	ctlab node seen b stop
	is .state degraded
	is '.nodes[2] | "\(.state) \(.pid) \(.interfaces | length)"' "stopped null 0"
	is '.links[1].state' absent
}

@test "daemons: running, restarted, ended" {
	seen_lab
	ctlab up "$LAB"
	is '.nodes[0].daemons | length' 1
	is '.nodes[0].daemons[0] | "\(.number) \(.command) \(.state) \(.restarts) \(.exit_code)"' \
		"1 echo it runs; exec sleep 424242 running 0 null"
	ctlab exec seen r sh -c "kill $(status '.nodes[0].daemons[0].pid')"
	wait_for 10 eval 'status ".nodes[0].daemons[0] | select(.restarts == 1 and .state == \"running\")"'
	is '.nodes[0].daemons[0].exit_code' 143
}

@test "tables for people" {
	seen_lab
	ctlab up "$LAB"
	gives 0 ctlab status seen
	prints "seen: running, 4 nodes, 4 links, 1 nets, of $LAB"
	prints $'\nr +router +running +[0-9]+ +eth0 +up +10\\.0\\.0\\.1/30'
	prints $'\nrb +r:eth0 b:eth0 +stitched +up +[0-9.KiB]+ +[0-9.KiB]+ +[0-9]+ +ab: rate 5mbit; ba: loss 1%'
	prints $'\nr +1 +running +[0-9]+ +0 +- +echo it runs'
	[[ $output != *fe80:* && $output != *127.0.0.1* ]] || fail "what every interface has is told"
}

@test "all labs, or none; what is no lab" {
	gives 0 ctlab status -j
	equal "$output" "[]"
	two_hosts
	ctlab up "$LAB"
	seen_lab
	ctlab up "$LAB"
	gives 0 ctlab status -j
	equal "$(jq -r '[.[].name] | join(" ")' <<<"$output")" "seen two"
	refuses 1 "no lab see.*(hint:|$)" ctlab status see
	refuses 2 "." ctlab status --rate=0 seen
}

# ---- pictures ----------------------------------------------------------------

@test "the picture of a running lab has its state" {
	seen_lab
	sed -i '/^hard/d' "$LAB"
	ctlab up "$LAB"
	ctlab link seen rb down
	ctlab node seen b stop
	in_node seen a ip addr add 192.0.2.7/24 dev eth0
	gives 0 ctlab graph -f svg seen
	prints 'rb: r:eth0 – b:eth0, stitched, down'
	prints '<g class="node host off" data-n="b"><title>b: host, stopped'
	prints '192\.0\.2\.7/24'
	prints 'received [0-9.]+ k?B in [0-9]+ packets'
	gives 0 ctlab graph seen
	prints 'style=dotted'
	# the file says nothing of that
	gives 0 ctlab graph -f svg "$LAB"
	[[ $output != *stopped* && $output != *192.0.2.7* ]] || fail "a file that runs"
	refuses 1 "no lab nosuch" ctlab graph nosuch
}

# render FILE - what a browser without a network makes of it
render()
{
	local browser
	browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
		skip "no chromium"
	run --separate-stderr timeout 100 "$browser" --headless --no-sandbox --disable-gpu \
		--user-data-dir="$BATS_TEST_TMPDIR/chrome" --enable-logging=stderr --v=0 \
		--window-size=1400,1000 --virtual-time-budget=5000 --dump-dom "file://$1"
	[ "$status" = 0 ] || skip "chromium does not run here: ${stderr: -200}"
	# what was appended stands last
	output=${output: -300}
	stderr=$(grep -i uncaught <<<"$stderr") || true
}

@test "the HTML page works in a browser" {
	seen_lab
	gives 0 ctlab graph -f html "$LAB"
	! grep -E '(src|href)=|@import|url\(|https?://' <<<"${output//http:\/\/www.w3.org\/2000\/svg/}" ||
		fail "it refers to something outside"
	# the page's own program tells what is under the pointer
	cat >"$BATS_TEST_TMPDIR/page.html" <<<"$output"
	cat >>"$BATS_TEST_TMPDIR/page.html" <<-'END'
		<script>
		const r = svg.querySelector('[data-n="r"]');
		r.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
		document.body.append('lit: ' + [...svg.querySelectorAll('.node.on')].map(n => n.dataset.n).sort());
		document.body.append('; about: ' + about.textContent.split('\n')[0]);
		find.value = 'eth1'; find.dispatchEvent(new Event('input'));
		document.body.append('; found: ' + about.textContent);
		const before = svg.getAttribute('viewBox');
		svg.dispatchEvent(new WheelEvent('wheel', { deltaY: -300, clientX: 200, clientY: 200 }));
		document.body.append('; zoomed: ' + (before !== svg.getAttribute('viewBox')));
		const boxes = [...svg.querySelectorAll('.shape')].map(s => s.getBoundingClientRect());
		const over = boxes.some((a, i) => boxes.some((b, k) => k > i && a.left < b.right &&
			b.left < a.right && a.top < b.bottom && b.top < a.bottom));
		document.body.append('; overlap: ' + over);
		</script>
	END
	render "$BATS_TEST_TMPDIR/page.html"
	prints 'lit: b,lan,r; about: r: router'
	prints 'found: 2 found'
	prints 'zoomed: true'
	prints 'overlap: false'
	[ -z "$stderr" ] || fail "the page's program fails"
}

@test "a tree of two hundred is a picture that can be read" {
	printf '[gen.t]\ntype = tree\ndepth = 2\nfanout = 14\nsubnet = 10.0.0.0/16\n' \
		>"$BATS_TEST_TMPDIR/tree.ini"
	ctlab graph -f html "$BATS_TEST_TMPDIR/tree.ini" >"$BATS_TEST_TMPDIR/tree.html"
	cat >>"$BATS_TEST_TMPDIR/tree.html" <<-'END'
		<script>
		const texts = [...svg.querySelectorAll('text')].filter(t => t.getClientRects().length);
		const size = Math.min(...texts.filter(t => t.classList.contains('name'))
			.map(t => t.getBoundingClientRect().height));
		const r = texts.map(t => t.getBoundingClientRect());
		let over = 0;
		r.forEach((a, i) => r.forEach((b, k) => { if (k > i && a.left + 1 < b.right &&
			b.left + 1 < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom) over++; }));
		document.body.append(`names: ${texts.length}, over: ${over}, size ok: ${size > 4}`);
		</script>
	END
	render "$BATS_TEST_TMPDIR/tree.html"
	prints 'names: [1-9][0-9]+, over: 0, size ok: true'
}
