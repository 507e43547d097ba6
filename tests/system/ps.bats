#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct ps: what is listed, how it is said, what is filtered, and how long it takes.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_containers
	remove_networks
}

is()
{
	[ "$(ct ps -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .status')" = "$2" ]
}

# names OPTION... - what is listed, in order
names()
{
	ct ps -j "$@" | jq -r '.[].name' | paste -sd' '
}

@test "running, paused and exited ones are listed, with -a and without" {
	detach run
	detach hold
	detach end -- sh -c 'exit 3'
	gives 0 ct pause hold
	wait_for 5 is end exited
	gives 0 ct ps
	[[ ${lines[0]} =~ ^ID\ +NAME\ +STATUS\ +PID\ +CREATED\ +COMMAND\ +NETWORKS\ +PORTS$ ]]
	prints 'run +running +[0-9]+'
	prints 'hold +paused'
	prints 'end +exited \(3\) +-'
	equal "$(names)" "run hold end"
	equal "$(names -a)" "run hold end"
}

@test "keys, and what they hold" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	detach web --net bridge0 -p 8080:80 -- sleep 1000
	gives 0 ct ps -j
	for key in id name status pid exit_code created command networks ports health; do
		equal "$(jq --arg k "$key" '.[0] | has($k)' <<<"$output")" true
	done
	equal "$(jq -c '.[0] | [.name, .status, .exit_code, .command, .health]' <<<"$output")" \
		'["web","running",null,["sleep","1000"],null]'
	equal "$(jq -r '.[0].networks[0] | .network + " " + .ifname' <<<"$output")" "bridge0 eth0"
	equal "$(jq -c '.[0].ports[0] | [.host_port, .port, .protocol]' <<<"$output")" \
		'[8080,80,"tcp"]'
	equal "$(jq -c '[.[0].networks[0] | keys[]] | sort' <<<"$output")" \
		'["addresses","ifname","mac","network"]'
	[ -e "/proc/$(jq '.[0].pid' <<<"$output")" ]
	gives 0 ct ps
	prints 'bridge0 10\.99\.0\.[0-9]+/24 +0\.0\.0\.0:8080->80/tcp'
}

@test "filters: of one key any, of several all" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	detach web1 --label tier=front --label a=1 --net bridge0
	detach web2 --label tier=back
	detach job -- sh -c 'exit 3'
	wait_for 5 is job exited
	equal "$(names --filter name=web)" "web1 web2"
	equal "$(names -f name=web1 -f name=job)" "web1 job"
	equal "$(names -f status=exited)" job
	equal "$(names -f status=running -f name=2)" web2
	equal "$(names -f label=tier)" "web1 web2"
	equal "$(names -f label=tier=front)" web1
	equal "$(names -f label=tier -f label=a)" web1
	equal "$(names -f network=bridge0)" web1
	equal "$(names -f exited=3)" job
	equal "$(names -f exited=0)" ""
	equal "$(names -f health=none -f status=running)" "web1 web2"
	equal "$(names -f id="$(ct ps -q -f name=job)")" job
	refuses 2 "'colour=red' is no filter" ct ps --filter colour=red
	refuses 2 "status=ended: want created" ct ps --filter status=ended
}

@test "-n, -l, -q, --no-trunc" {
	detach a
	detach b
	detach c -- sh -c 'sleep 1000; : a command that is longer than the column'
	equal "$(names -n 2)" "b c"
	equal "$(names --latest)" c
	gives 0 ct ps -q
	equal "${#lines[@]}" 3
	[[ ${lines[0]} =~ ^[0-9a-f]{12}$ ]]
	gives 0 ct ps
	prints 'sh -c sleep 1000; : a command that is l?\.\.\.|sh -c sleep 1000.*\.\.\.'
	gives 0 ct ps --no-trunc
	prints ': a command that is longer than the column'
	refuses 2 "" ct ps -n 0
}

@test "one that was killed for want of memory says so" {
	detach hog --memory 16M -- sh -c 'a=x; while :; do a=$a$a; done'
	wait_for 20 is hog exited
	gives 0 ct ps
	prints 'hog +exited \([0-9]+, out of memory\)'
	equal "$(ct ps -j | jq '.[0].oom_killed')" true
}

@test "health is shown" {
	detach sick --health-cmd 'exit 1' --health-interval 100ms --health-retries 1
	wait_for 10 eval '[ "$(ct ps -j | jq -r ".[0].health")" = unhealthy ]'
	gives 0 ct ps
	prints 'running \(unhealthy\)'
	equal "$(ct ps -q -f health=unhealthy)" "$(ct ps -q)"
}

@test "500 records are read at once, and a dead one among them is found" {
	detach one
	local id i
	id=$(ct ps -q)
	# as those of other containers, run by the same process
	for ((i = 0; i < 500; i++)); do
		printf -v new '%012x' "$i"
		sed "s/\"id\":\"$id\",\"name\":\"one\"/\"id\":\"$new\",\"name\":\"$new\"/" \
			"/run/ctnet/containers/$id" >"/run/ctnet/containers/$new"
	done
	gives 0 ct ps -q
	equal "${#lines[@]}" 501
	# its control group is that of the living
	sed -i 's/"start":[0-9]*/"start":1/g; s/"detached":true/"detached":false/
		s/"cgroup":/"nothing":/' /run/ctnet/containers/000000000007
	gives 0 ct ps -q
	equal "${#lines[@]}" 500
	[ ! -e /run/ctnet/containers/000000000007 ]
	rm /run/ctnet/containers/000000000*
}
