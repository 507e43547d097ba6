#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct stats: numbers that are compared with what was used for certain.

load lib
load terminal

setup_file()
{
	make_rootfs
}

teardown()
{
	terminal_end
	bg_end
	remove_networks
}

# of JQ - of the only line
of()
{
	jq -er "$1" <<<"$output"
}

# bats test_tags=vm
@test "cpu, memory and pids of a container with limits" {
	start idle --memory 32M --pids 20
	start busy --memory 32M --pids 20 --cpus 0.5 -- sh -c 'while :; do :; done'
	gives 0 ct stats --no-stream -j idle busy
	equal "$(jq -rs '[.[].name] | join(" ")' <<<"$output")" "idle busy"
	output=$(head -n 1 <<<"$output")
	equal "$(of '.memory_limit, .pids, .pids_limit' | xargs)" "33554432 1 20"
	of '.cpu_percent < 20 and .memory > 0 and .memory < 33554432 and .interfaces == []'
	# the quota is half a CPU; however busy the machine is, it has had some
	gives 0 ct stats --no-stream -j --interval 2 busy
	of '.cpu_percent > 0.5 and .cpu_percent < 100 and .cpu_ns > 1000000'
}

# bats test_tags=vm
@test "without limits, what the processes say" {
	start web -- sh -c 'sleep 1000 & exec sleep 1000'
	gives 0 ct stats --no-stream -j
	equal "$(of '.pids, .memory_limit' | xargs)" "2 null"
	of '.memory > 100000 and .cpu_percent >= 0'
	gives 0 ct stats --no-stream
	equal "$(head -n 1 <<<"$output" | xargs)" \
		"ID NAME CPU % MEM USAGE / LIMIT MEM % NET RX / TX BLOCK IN / OUT PIDS"
	prints "web"
	equal "$(wc -l <<<"$output")" 2
}

@test "each interface as the container counts it" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	ctnet create bridge1 --subnet 10.98.0.0/24
	start web --net bridge0 --net bridge1
	gives 0 ct exec web ping -q -c 3 -s 1000 -i 0.2 10.99.0.1
	gives 0 ct stats --no-stream -j web
	equal "$(of '[.interfaces[].ifname] | join(" ")')" "eth0 eth1"
	of '.interfaces[0] | .tx_packets >= 3 and .rx_packets >= 3 and .tx_bytes >= 3000 and .rx_bytes >= 3000
		and .tx_errors == 0'
	of '.interfaces[1].tx_bytes < 3000'
	of '.tx_bytes == (.interfaces | map(.tx_bytes) | add) and .rx_bytes == (.interfaces | map(.rx_bytes) | add)'
	equal "$(of '.interfaces[0].tx_packets')" "$(ct exec web cat /sys/class/net/eth0/statistics/tx_packets)"
	# received is not sent: what is counted here as received, the host's end has sent
	local tx rx host
	tx=$(of '.interfaces[0].tx_bytes') rx=$(of '.interfaces[0].rx_bytes')
	for _ in {1..20}; do
		head -c 1400 /dev/zero >/dev/udp/10.99.0.2/9 || true
	done
	gives 0 ct stats --no-stream -j web
	of ".interfaces[0] | .rx_bytes - $rx > 20000 and .rx_bytes - $rx > .tx_bytes - $tx"
	host=$(ct inspect web | jq -r '.[0].links[] | select(.ifname == "eth0") | .host_ifname')
	equal "$(of '.interfaces[0].rx_packets')" "$(cat "/sys/class/net/$host/statistics/tx_packets")"
	gives 0 ct stats --no-stream web
	prints 'eth1'
}

@test "a stream: a line a container and look, new ones come, ended ones go" {
	start one
	bg stats ct stats -j --interval 0.2
	local stats_pid=$bg_pid out=$BATS_TEST_TMPDIR/stats.out
	wait_for 10 eval '[ "$(grep -c one '"$out"')" -ge 3 ]'
	start two
	local two=$bg_pid lines
	wait_for 10 grep -q two "$out"
	kill "$two"
	wait_for 10 is_gone "$two"
	lines=$(wc -l <"$out")
	wait_for 10 eval '[ "$(wc -l <'"$out"')" -gt '"$((lines + 2))"' ]'
	equal "$(tail -n 1 "$out" | jq -r .name)" one
	kill -INT "$stats_pid"
	local got=0
	wait "$stats_pid" || got=$?
	equal "$got" 0
	# one that was asked for and has ended is the end
	refuses 1 'no container two' ct stats two
	refuses 2 'at least' ct stats --interval 1ms
	refuses 2 'interval' ct stats --interval soon
	gives 0 bash -c 'set +o pipefail; timeout 20 ct stats --interval 0.1 | head -n 2'
	gives 0 ct stats --no-stream
}

@test "on a terminal: painted over, cut to the window, ended by Ctrl-C with nothing to restore" {
	terminal 100 10
	start web
	type_line 'ct stats --interval 0.2'
	see 'web .*[MK]iB'
	wait_for 10 eval '[ "$(screen | grep -c "^ID ")" = 1 ]'
	start other
	see 'other '
	resize 40 10
	wait_for 10 eval '! screen | grep -q "PIDS" && [ "$(screen | grep -c "^ID ")" = 1 ]'
	keys C-c
	at_prompt
	type_line "stty -a | grep -c ' echo '; echo do''ne"
	wait_for 10 eval 'screen | grep -q "^done"'
	equal "$(terminal_of cursor_flag)" 1
}
