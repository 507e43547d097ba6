#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Containers in the background: what the caller gets, what is left behind, the
# record of their end, and the monitor that is killed.

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

# detached NAME [OPTION...] -- COMMAND...
detached()
{
	local name=$1
	shift
	ctrun -d --name "$name" --rootfs "$ROOTFS" "$@"
}

record()
{
	ct inspect "$1" 2>/dev/null || ct inspect -j "$1"
}

# has NAME JQ - of its line in ct ps
has()
{
	ct ps -a -j | jq -e --arg n "$1" ".[] | select(.name == \$n) | $2" >/dev/null
}

ended()
{
	has "$1" '.status == "exited"'
}

pid_of()
{
	ct ps -a -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .pid'
}

# monitor_of NAME - its pid: the parent of the guard, which is init's parent
monitor_of()
{
	local id
	id=$(ct ps -a -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .id')
	jq -r .runner.pid "/run/ctnet/containers/$id"
}

@test "the caller gets the id at once, and a pipe of its ends" {
	local id
	id=$(detached d sleep 1000)
	[[ $id =~ ^[0-9a-f]{12}$ ]]
	has d '.status == "running"'
	[ "$(ct ps -q)" = "$id" ]
	gives 0 ctrun -d -j --name j --rootfs "$ROOTFS" sleep 1000
	[ "$(jq -r '.[0].name' <<<"$output")" = j ]
	[ "$(jq -r '.[0].pid' <<<"$output")" = "$(pid_of j)" ]
}

@test "the monitor keeps nothing of its caller's" {
	exec 7</etc/passwd
	detached d sleep 1000
	exec 7<&-
	local m
	m=$(monitor_of d)
	[ "$(readlink "/proc/$m/cwd")" = / ]
	[ "$(readlink "/proc/$m/fd/0")" = /dev/null ]
	[ "$(readlink "/proc/$m/fd/2")" = /dev/null ]
	run ! grep -q /etc/passwd <(ls -l "/proc/$m/fd")
	[ "$(ps -o sid= -p "$m" | tr -d ' ')" = "$m" ]
}

@test "what cannot start is told as in the foreground, and nothing is left" {
	gives 127 detached d nonsense
	complains "nonsense: not found"
	gives 126 detached d /etc/passwd
	gives 125 ctrun -d --rootfs /nonsense true
	complains "/nonsense"
	[ -z "$(ct ps -aq)" ]
	run ! pgrep ct-monitor
}

@test "the record of its end stays until it is removed" {
	detached d sh -c 'exit 3'
	wait_for 10 ended d
	has d '.exit_code == 3'
	has d '.pid == 0'
	run ! is_running d
	ct rm d
	[ -z "$(ct ps -aq)" ]
}

@test "--rm: not listed once it has ended" {
	detached d --rm sleep 1000
	kill -KILL "$(pid_of d)"
	wait_for 10 not has d true
	wait_for 10 not pgrep ct-monitor
}

@test "a signal at the monitor goes to the command; one that pid 1 drops is carried out" {
	# shellcheck disable=SC2016
	detached t sh -c 'trap "exit 7" USR1; while :; do sleep 0.1; done'
	wait_for 5 eval 'kill -USR1 "$(monitor_of t)"; ended t'
	has t '.exit_code == 7'
	detached d sleep 1000
	kill -TERM "$(monitor_of d)"
	wait_for 10 ended d
	has d '.exit_code == 143'
}

@test "the first process killed: 137" {
	detached d sleep 1000
	kill -KILL "$(pid_of d)"
	wait_for 10 ended d
	has d '.exit_code == 137'
}

# bats test_tags=vm
@test "the monitor killed: the container goes with it, and is listed as 137" {
	local init m
	detached d sleep 1000
	init=$(pid_of d)
	m=$(monitor_of d)
	kill -KILL "$m"
	wait_for 10 is_gone "$init"
	wait_for 10 ended d
	has d '.exit_code == 137'
	ct rm d
}

# bats test_tags=vm
@test "the guard killed: the container goes with it" {
	local init
	detached d sleep 1000
	init=$(pid_of d)
	kill -KILL "$(ps -o ppid= -p "$init" | tr -d ' ')"
	wait_for 10 ended d
	has d '.exit_code == 137'
	is_gone "$init"
}

@test "its maker killed at any time: it is there and listed, or wholly gone" {
	local i
	for i in $(seq 12); do
		bg maker ctrun -d --name "m$i" --rootfs "$ROOTFS" sleep 1000
		sleep "0.00$((i % 6))"
		kill -KILL "$bg_pid" 2>/dev/null || true
		wait "$bg_pid" || true
	done
	# each monitor belongs to one that runs, and the other way round
	wait_for 10 eval '[ "$(pgrep -c ct-monitor)" = "$(ct ps -q | wc -l)" ]'
	[ "$(find /run/ctnet/containers -type f | wc -l)" = "$(ct ps -aq | wc -l)" ]
}

@test "who stops it finds it free again: name, address, groups" {
	ctnet create b0
	detached d --net b0 sleep 1000
	local ip
	ip=$(address d 4)
	kill -KILL "$(pid_of d)"
	wait_for 10 ended d
	[ "$(ctnet inspect -j b0 | jq '.[0].containers | length')" = 0 ]
	[ -z "$(find /sys/fs/cgroup -maxdepth 5 -type d -path "*ctnet/$(ct ps -aq)")" ]
	detached e --net "b0:ip=$ip" sleep 1000
	[ "$(address e 4)" = "$ip" ]
	ct rm -f e
	ctnet rm b0
}

@test "the state directory vanished: the container still ends, and its monitor" {
	local m id
	id=$(detached d sleep 1000)
	m=$(monitor_of d)
	local init
	init=$(pid_of d)
	rm -r "/run/ctnet/containers/$id" "/run/ctnet/files/$id" "/run/ctnet/names/d"
	kill -TERM "$m"
	wait_for 10 is_gone "$init"
	wait_for 10 is_gone "$m"
}

@test "--pidfile: the first process's pid, gone with it" {
	local f=$BATS_TEST_TMPDIR/pid
	cd "$BATS_TEST_TMPDIR"
	detached d --pidfile pid sleep 1000
	[ "$(cat "$f")" = "$(pid_of d)" ]
	kill -KILL "$(pid_of d)"
	wait_for 10 ended d
	[ ! -e "$f" ]
	in_box --pidfile "$f" true
	[ ! -e "$f" ]
}

@test "standard input: /dev/null, or a pipe with -i; a terminal with -t" {
	detached d sh -c 'readlink /proc/self/fd/0; tty'
	wait_for 10 ended d
	gives 0 ct logs d
	prints '^/dev/null'
	prints 'not a tty'
	# shellcheck disable=SC2016
	detached i -i sh -c 'readlink /proc/$$/fd/0'
	wait_for 10 ended i
	gives 0 ct logs i
	prints '^pipe:'
	detached t -t sh -c 'tty; stty size'
	wait_for 10 ended t
	gives 0 ct logs t
	prints '/dev/pts/0'
	prints '24 80'
}

# bats test_tags=vm
@test "killed by the limit of memory: told in the foreground and in the record" {
	gives 137 in_box --memory 16M sh -c 'tail /dev/zero'
	complains 'ctrun: killed by the memory limit of 16M'
	detached d --memory 16M sh -c 'exec tail /dev/zero'
	wait_for 20 ended d
	has d '.exit_code == 137'
	local id
	id=$(ct ps -aq)
	[ "$(jq .oom_killed "/run/ctnet/containers/$id")" = true ]
	[ "$(jq '.memory_peak > 8000000' "/run/ctnet/containers/$id")" = true ]
	[ "$(jq '.cpu_ns > 0' "/run/ctnet/containers/$id")" = true ]
}

@test "a user who is not root writes to the pipes by name" {
	detached d --user 1000 sh -c 'echo by name >/dev/stdout; echo err >/dev/stderr'
	wait_for 10 ended d
	has d '.exit_code == 0'
	gives 0 ct logs d
	prints 'by name'
}

@test "idle, monitor and guard together are within 1 MiB" {
	[ -z "${CT_SANITIZED-}" ] || skip "sanitizers take memory"
	local m g
	detached d sleep 1000
	m=$(monitor_of d)
	g=$(ps -o ppid= -p "$(pid_of d)" | tr -d ' ')
	pss()
	{
		echo $(($(awk '/^Pss:/ { print $2 }' "/proc/$1/smaps_rollup") +
			$(awk '/^Pss:/ { print $2 }' "/proc/$2/smaps_rollup")))
	}
	wait_for 5 eval '[ "$(pss '"$m $g"')" -le 1024 ]' || fail "Pss $(pss "$m" "$g") KiB"
}

@test "a hundred in a row" {
	local i
	for i in $(seq 100); do
		ctrun -d --rootfs "$ROOTFS" sleep 1000 >/dev/null
	done
	[ "$(ct ps -q | wc -l)" = 100 ]
}

@test "combinations that make no sense are refused" {
	refuses 125 "--restart" in_box --restart always true
	refuses 125 "--health-cmd" in_box --health-cmd true true
	refuses 125 "exclude each other" in_box -d --rm --restart always true
	refuses 125 "health-cmd is missing" in_box -d --health-interval 1s true
	refuses 125 "log" in_box --log-driver none true
	refuses 125 "max-size" in_box -d --log-opt size=3 true
}
