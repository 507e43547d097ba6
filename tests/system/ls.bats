#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What ls, inspect and ps tell, their JSON, filters, prune and rm.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	ctnet create alpha --subnet 10.99.1.0/24 --subnet fd99:1::/64 --label tier=front --label env=test
	ctnet create beta --subnet 10.99.2.0/24 --label tier=back
	ctnet create gamma --subnet 10.99.3.0/24 --subnet fd99:3::/64 --internal
}

teardown()
{
	bg_end
	remove_networks
}

# lists WORDS OPTION... - the names that ls prints
lists()
{
	local want=$1
	shift
	gives 0 ctnet ls -q "$@"
	equal "$(paste -sd ' ' <<<"$output")" "$want"
}

@test "ls: a table, names alone, JSON" {
	gives 0 ctnet ls
	prints '^NAME +DRIVER +SUBNETS'
	prints 'alpha +bridge +10\.99\.1\.0/24,fd99:1::/64'
	prints 'gamma .*internal'
	lists "alpha beta gamma"
	gives 0 ctnet ls -j
	equal "$(jq -r 'map(.name) | join(" ")' <<<"$output")" "alpha beta gamma"
}

@test "filters: name, driver, label, subnet, dangling, internal" {
	start c --net alpha
	lists "alpha" --filter name=alp
	lists "alpha beta" --filter name=alpha --filter name=beta
	lists "alpha beta gamma" --filter driver=bridge
	lists "" --filter driver=macvlan
	lists "alpha beta" --filter label=tier
	lists "alpha" --filter label=tier=front
	lists "" --filter label=tier=fr
	lists "alpha" --filter label=tier --filter label=env
	lists "beta gamma" --filter label!=env
	lists "alpha" --filter subnet=10.99.1.0/24
	lists "gamma" --filter subnet=fd99:3::/64
	lists "beta" --filter subnet=10.99.2.77
	lists "alpha" --filter subnet=fd99:1::77
	lists "beta gamma" --filter dangling=true
	lists "alpha" --filter dangling=no
	lists "gamma" --filter internal=yes
	lists "beta" --filter internal=no --filter dangling=yes
	gives 0 ctnet ls --filter name=beta -j
	equal "$(jq -r '.[].name' <<<"$output")" beta
	refuses 2 'did you mean label' ctnet ls --filter labl=x
	refuses 2 'subnet' ctnet ls --filter subnet=10.99
	refuses 2 'value is missing' ctnet ls --filter name=
}

@test "inspect -j has the keys that are promised" {
	start c --net alpha:ip=10.99.1.9,ip6=fd99:1::9
	gives 0 ctnet inspect alpha -j
	equal "$(jq -c '.[0] | [.name, .driver, .ifname, .mtu, .internal, .icc, .masquerade, .spoof_guard]' \
		<<<"$output")" '["alpha","bridge","alpha",1500,false,true,true,true]'
	equal "$(jq -c '.[0].labels' <<<"$output")" '{"tier":"front","env":"test"}'
	equal "$(jq -c '.[0].subnets[0] | [.subnet, .gateway, .ranges, .leased]' <<<"$output")" \
		'["10.99.1.0/24","10.99.1.1",[],1]'
	equal "$(jq -c '.[0].subnets[1] | [.subnet, .gateway, .ranges, .leased]' <<<"$output")" \
		'["fd99:1::/64","fd99:1::1",[],1]'
	equal "$(jq -c '.[0].containers[0] | [.name, .ifname, .addresses]' <<<"$output")" \
		'["c","eth0",["10.99.1.9/24","fd99:1::9/64"]]'
	local id
	id=$(ct ps -q)
	equal "$(jq -r '.[0].containers[0].id' <<<"$output")" "$id"
	equal "$(jq -r '.[0].containers[0].mac' <<<"$output")" "$(ct exec c cat /sys/class/net/eth0/address)"
	ip link show "$(jq -r '.[0].containers[0].host_ifname' <<<"$output")"
	# what is not of every network is there too, empty
	equal "$(jq -c '.[0] | [.parent, .mode, .vni, .vlan, .peers, .group, .ports, .dns_server, .no_host]' \
		<<<"$output")" '[null,null,0,0,[],null,[],false,false]'
	gives 0 ctnet inspect gamma
	prints 'internal'
	gives 0 ctnet inspect alpha
	prints 'tier=front'
	prints 'c eth0'
}

@test "inspect -j: ranges and exclusions" {
	ctnet create delta --subnet 10.99.4.0/24 --ip-range 10.99.4.16/28 --exclude 10.99.4.20
	gives 0 ctnet inspect delta -j
	equal "$(jq -c '.[0].subnets[0] | [.ranges, .excludes]' <<<"$output")" \
		'[["10.99.4.16-10.99.4.31"],["10.99.4.20-10.99.4.20"]]'
}

@test "ct ps -j has the keys that are promised" {
	start c --net alpha --net beta
	gives 0 ct ps -j
	equal "$(jq -c '.[0] | [.name, .status, .exit_code, .command, .health]' <<<"$output")" \
		'["c","running",null,["sleep","1000"],null]'
	equal "$(jq -c '.[0] | has("id") and has("pid") and has("created") and has("ports")' <<<"$output")" true
	equal "$(jq -c '.[0].networks | map([.network, .ifname, (.addresses | length)])' <<<"$output")" \
		'[["alpha","eth0",2],["beta","eth1",1]]'
}

@test "prune removes what no container is on, and tells the names" {
	start c --net alpha
	gives 0 ctnet prune --filter label=tier
	equal "$output" beta
	lists "alpha gamma"
	gives 0 ctnet prune -f -j
	equal "$(jq -r '.[].name' <<<"$output")" gamma
	lists "alpha"
	gives 0 ctnet prune
	equal "$output" ""
	gives 0 ct exec c ping -c 1 -W 5 10.99.1.1
	bg_end
	gives 0 ctnet prune
	equal "$output" alpha
	equal "$(ls /etc/ctnet/networks)" ""
}

@test "prune asks on a terminal" {
	gives 0 script -qec 'ctnet prune' /dev/null <<<n
	prints 'y/N'
	lists "alpha beta gamma"
	gives 0 script -qec 'ctnet prune --filter label=tier=back' /dev/null <<<y
	lists "alpha gamma"
	gives 0 script -qec 'ctnet prune -f' /dev/null </dev/null
	lists ""
}

@test "rm refuses while in use, tells who, and -f disconnects them" {
	start c --net alpha
	refuses 1 'in use by c' ctnet rm alpha
	complains '-f'
	gives 0 ctnet rm beta gamma -j
	equal "$(jq -r 'map(.name) | join(" ")' <<<"$output")" "beta gamma"
	gives 0 ctnet rm -f alpha
	equal "$output" alpha
	is_running c
	refuses 1 'no network named' ctnet rm alpha
}
