#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Networks without containers: what `ctnet create` makes and what it refuses,
# ls, inspect, rm, and that nothing half-built stays.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	remove_networks
	bg_end
	ip link del foreign0 2>/dev/null || true
}

link_json()
{
	ip -j -d link show "$1" | jq -r "$2"
}

# no_trace NAME - neither link nor definition nor element of a network
no_trace()
{
	! ip link show "$1" 2>/dev/null || fail "link $1 is there"
	[ ! -e "/etc/ctnet/networks/$1.conf" ] || fail "definition of $1 is there"
	! nft list ruleset | grep -w "$1" || fail "$1 is in the firewall"
	gives 0 ctnet ls -j
	! jq -e --arg n "$1" 'any(.[]; .name == $n)' <<<"$output" || fail "$1 is listed"
}

# bats test_tags=vm
@test "create makes a bridge of that name, a free /24, its first address" {
	gives 0 ctnet create bridge0
	prints '^bridge0 10\.88\.[0-9]+\.0/24 gateway 10\.88\.[0-9]+\.1$'
	equal "$(link_json bridge0 '.[0].linkinfo.info_kind')" bridge
	equal "$(link_json bridge0 '.[0].flags | index("UP") != null')" true
	equal "$(link_json bridge0 '.[0].ifalias')" ctnet:bridge0
	equal "$(link_json bridge0 '.[0].group')" 4242
	equal "$(ip -j addr show bridge0 | jq -r '[.[0].addr_info[] | select(.family == "inet") |
		"\(.local)/\(.prefixlen)"] | join(" ")' | sed 's/10\.88\.[0-9]*/10.88.x/')" 10.88.x.1/24
}

@test "the bridge's MAC address is its own, and stays when ports come and go" {
	ctnet create bridge0
	local mac
	mac=$(link_json bridge0 '.[0].address')
	# locally administered, unicast
	[[ $mac =~ ^.[26ae]: ]]
	for _ in 1 2 3; do
		in_box --net bridge0 true
	done
	equal "$(link_json bridge0 '.[0].address')" "$mac"
}

@test "the second network takes the next free subnet" {
	gives 0 ctnet create one
	local first=$output
	gives 0 ctnet create two
	[ "${first#* }" != "${output#* }" ] || fail "the same subnet twice"
	gives 0 ctnet ls -j
	equal "$(jq -r 'map(.name) | join(" ")' <<<"$output")" "one two"
}

@test "a subnet the host routes is not chosen" {
	ip link add foreign0 type bridge
	ip link set foreign0 up
	ip addr add 10.95.255.1/24 dev foreign0
	ip route add 10.88.0.0/16 dev foreign0
	gives 0 ctnet create bridge0
	prints '10\.89\.'
}

# bats test_tags=vm
@test "the firewall is typed and readable, and its listing loads again" {
	ctnet create bridge0 --subnet 10.99.1.0/24 --subnet fd99:1::/64
	ctnet create quiet --internal
	gives 0 nft list table inet ctnet
	prints '10\.99\.1\.0/24'
	prints 'type ifname \. ifname'
	prints '"bridge0" \. "bridge0"'
	prints 'masquerade'
	prints 'fd99:1::/64'
	! [[ $output =~ 0x[0-9a-f]{8} ]] || fail "untyped data in the listing"
	nft list table inet ctnet >"$BATS_TEST_TMPDIR/listing"
	gives 0 nft -c -f "$BATS_TEST_TMPDIR/listing"
	{ echo 'delete table inet ctnet'; cat "$BATS_TEST_TMPDIR/listing"; } >"$BATS_TEST_TMPDIR/again"
	gives 0 nft -c -f "$BATS_TEST_TMPDIR/again"
}

@test "the administrator's chain survives every change" {
	ctnet create bridge0
	nft add rule inet ctnet user ip daddr 203.0.113.9 drop comment '"mine"'
	ctnet create two
	ctnet rm two
	gives 0 nft list chain inet ctnet user
	prints mine
	nft flush chain inet ctnet user
}

@test "forwarding is on, for both families" {
	ctnet create bridge0 --ipv6
	equal "$(cat /proc/sys/net/ipv4/ip_forward)" 1
	equal "$(cat /proc/sys/net/ipv6/conf/all/forwarding)" 1
}

# bats test_tags=vm
@test "IPv4 and IPv6 subnets, gateway, range, exclusion, MTU, MAC, label" {
	gives 0 ctnet create lab0 --subnet 10.99.0.0/24 --subnet fd99::/64 --gateway 10.99.0.254 \
		--ip-range 10.99.0.100-10.99.0.110 --exclude 10.99.0.100 --mtu 1400 \
		--mac 02:00:5e:00:00:01 --label owner=me
	gives 0 ctnet inspect lab0 -j
	equal "$(jq -r '.[0].subnets | map(.subnet + " " + .gateway) | join(", ")' <<<"$output")" \
		"10.99.0.0/24 10.99.0.254, fd99::/64 fd99::1"
	equal "$(jq -r '.[0].mtu' <<<"$output")" 1400
	equal "$(jq -r '.[0].labels.owner' <<<"$output")" me
	equal "$(link_json lab0 '.[0] | "\(.mtu) \(.address)"')" "1400 02:00:5e:00:00:01"
	gives 0 in_box --net lab0 ip -4 addr show eth0
	prints 'inet 10\.99\.0\.101/24'
	prints 'mtu 1400'
}

@test "--ipv6 chooses a ULA of its own" {
	gives 0 ctnet create bridge0 --ipv6
	prints 'fd[0-9a-f]{2}:[0-9a-f:]+/64 gateway fd'
	gives 0 ip -6 addr show bridge0
	prints 'inet6 fd[0-9a-f:]+1/64'
}

@test "a definition is a file that reads like the options" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	gives 0 cat /etc/ctnet/networks/bridge0.conf
	prints '\[network\]'
	prints '10\.99\.0\.0/24'
}

@test "ls and inspect print tables, and JSON with the keys that are promised" {
	ctnet create bridge0
	gives 0 ctnet ls
	prints 'NAME'
	prints 'bridge0'
	gives 0 ctnet inspect bridge0 -j
	jq -e '.[0] | has("name", "driver", "ifname", "subnets", "mtu", "internal", "icc",
		"masquerade", "spoof_guard", "labels", "containers")' <<<"$output"
	jq -e '.[0].subnets[0] | has("subnet", "gateway", "ranges", "leased")' <<<"$output"
	equal "$(jq -r '.[0].containers | length' <<<"$output")" 0
	gives 0 ctnet inspect bridge0
	prints 'bridge0'
}

# bats test_tags=vm
@test "rm takes everything away" {
	ctnet create bridge0 --ipv6
	gives 0 ctnet rm bridge0
	no_trace bridge0
	refuses 1 'bridge0' ctnet rm bridge0
}

@test "rm refuses a network in use, -f disconnects first" {
	ctnet create bridge0
	start one --net bridge0
	refuses 1 'one|in use|attached' ctnet rm bridge0
	gives 0 ctnet inspect bridge0 -j
	equal "$(jq -r '.[0].containers[0].name' <<<"$output")" one
	gives 0 ctnet rm -f bridge0
	no_trace bridge0
	gives 0 ct exec one ip link
	! [[ $output == *eth0* ]] || fail "eth0 is still there"
}

@test "names that are refused leave nothing" {
	local name
	for name in abcdefghijklmnop a/b .. ../x -x .x '' 'a b' host none container ns phys lo all \
		default "$(printf 'a\nb')"; do
		gives 2 ctnet create -- "$name"
		[ ! -e "/etc/ctnet/networks/$name.conf" ] || fail "definition of '$name' is there"
	done
	gives 0 ctnet ls -j
	equal "$output" "[]"
	equal "$(ip -o link | grep -vc ' lo')" 0
}

@test "a name of 15 bytes is taken" {
	gives 0 ctnet create abcdefghijklmno
	ip link show abcdefghijklmno
}

@test "a network that is there already, or a link of that name that is not ours" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	refuses 1 'bridge0.*exist' ctnet create bridge0
	ip link add foreign0 type bridge
	refuses 1 'foreign0' ctnet create foreign0
	ip link show foreign0
	[ ! -e /etc/ctnet/networks/foreign0.conf ]
}

@test "subnets that overlap: another network's, the host's address, a route" {
	ctnet create one --subnet 10.99.0.0/24
	refuses 1 'overlap.*one|one.*overlap|10\.99\.0\.0' ctnet create two --subnet 10.99.0.128/25
	no_trace two
	refuses 1 '10\.99' ctnet create two --subnet 10.99.0.0/16
	no_trace two
	ip link add foreign0 type bridge
	ip link set foreign0 up
	ip addr add 10.98.0.1/24 dev foreign0
	refuses 1 '10\.98|foreign0' ctnet create two --subnet 10.98.0.0/25
	no_trace two
	refuses 1 'overlap|twice' ctnet create two --subnet 10.97.0.0/24 --subnet 10.97.0.0/25
	no_trace two
}

@test "malformed values are named, with status 2" {
	refuses 2 '10\.0\.0\.0/33' ctnet create x --subnet 10.0.0.0/33
	refuses 2 '10\.0\.0' ctnet create x --subnet 10.0.0/24
	refuses 2 'fd00::g' ctnet create x --subnet fd00::g/64
	refuses 2 'banana' ctnet create x --subnet banana
	refuses 2 '10\.1\.0\.1' ctnet create x --subnet 10.0.0.0/24 --gateway 10.1.0.1
	refuses 2 '10\.0\.0\.2.*second' ctnet create x --subnet 10.0.0.0/24 --gateway 10.0.0.1 --gateway 10.0.0.2
	refuses 2 '12' ctnet create x --mtu 12
	refuses 2 'abc' ctnet create x --mtu abc
	refuses any 'MAC' ctnet create x --mac 01:00:00:00:00:01
	refuses 2 'ovs' ctnet create x --driver ovs
	refuses 2 'label' ctnet create x --label nothing
	no_trace x
}

@test "values that make no sense together are refused" {
	refuses any '224' ctnet create x --subnet 224.0.0.0/24
	refuses any '10\.1\.' ctnet create x --subnet 10.0.0.0/24 --ip-range 10.1.0.1-10.1.0.9
	refuses any '1280|MTU|mtu' ctnet create x --ipv6 --mtu 1000
	complains 'hint: IPv6 needs 1280'
	no_trace x
}

@test "a definition that cannot be deleted: rm refuses before anything is taken away" {
	ctnet create bridge0
	mount -o remount,ro /etc
	run --separate-stderr ctnet rm bridge0
	mount -o remount,rw /etc
	equal "$status" 1
	complains 'remove bridge0: remove the definition of network bridge0: Read-only file system'
	equal "$(link_json bridge0 '.[0].flags | index("UP") != null')" true
	gives 0 ctnet gc
	gives 0 ctnet ls -q
	equal "$output" bridge0
}

@test "unknown words and options get a suggestion" {
	refuses 2 "creat'|unknown" ctnet creat bridge0
	complains "create"
	refuses 2 'subnt' ctnet create x --subnt 10.0.0.0/24
	complains "--subnet"
	refuses 2 'command' ctnet
	refuses 2 'few|NAME' ctnet create
	refuses 2 'unexpected|y' ctnet create x y
	refuses 1 "bridgeO" ctnet inspect bridgeO
	no_trace x
}

@test "help and version go to stdout, with status 0" {
	local command
	for command in "ct" "ctnet" "ctnet create" "ctnet ls" "ctnet rm" "ctnet inspect" "ctnet gc" \
		"ctrun" "ct exec" "ct ps" "ct net"; do
		# shellcheck disable=SC2086 # it is words
		gives 0 $command --help
		prints '^usage: '
		equal "$stderr" ""
		# shellcheck disable=SC2086
		gives 0 $command --version
		prints '^ctnet [0-9]'
	done
}

@test "a broken configuration is told with its place" {
	printf '[ipam]\npols = 10.0.0.0/8\n' >"$BATS_TEST_TMPDIR/bad.conf"
	refuses 1 'bad\.conf:2:1:.*pols' ctnet --config "$BATS_TEST_TMPDIR/bad.conf" ls
	complains 'pools'
	refuses 1 'no-such' ctnet --config "$BATS_TEST_TMPDIR/no-such.conf" ls
}

@test "pools of the configuration are where subnets come from" {
	printf '[ipam]\npools = 172.30.8.0/23\n' >"$BATS_TEST_TMPDIR/ctnet.conf"
	gives 0 ctnet --config "$BATS_TEST_TMPDIR/ctnet.conf" create a
	prints '172\.30\.8\.0/24'
	gives 0 ctnet --config "$BATS_TEST_TMPDIR/ctnet.conf" create b
	prints '172\.30\.9\.0/24'
	refuses 1 'pool|free' ctnet --config "$BATS_TEST_TMPDIR/ctnet.conf" create c
	gives 0 ctnet --config "$BATS_TEST_TMPDIR/ctnet.conf" rm a b
}

@test "without privileges: one line, and nothing made" {
	refuses 1 'root|privilege|permitted|CAP_NET_ADMIN' setpriv --reuid 1000 --regid 1000 \
		--clear-groups ctnet create bridge0
	no_trace bridge0
	refuses 125 'root|privilege|permitted|CAP_' setpriv --reuid 1000 --regid 1000 \
		--clear-groups ctrun true
}

# bats test_tags=vm
@test "--trace shows the netlink messages, as commands" {
	gives 0 ctnet --trace create bridge0
	complains 'newlink|NEWLINK|ip link'
	gives 0 ctnet --trace rm bridge0
	complains 'dellink|DELLINK|ip link'
}
