#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct top: the processes of a container and nobody else's.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	ctnet gc
}

@test "each process with both of its pids, its user, its memory" {
	start web --user 1000:1000 -- sh -c 'sleep 1001 & sleep 1002 & exec sleep 1003'
	gives 0 wait_for 5 eval '[ "$(ct top web -j | jq length)" = 3 ]'
	gives 0 ct top web -j
	local pid
	equal "$(jq -r '[.[] | .command | join(" ")] | sort | join(",")' <<<"$output")" \
		"sleep 1001,sleep 1002,sleep 1003"
	equal "$(jq -r '[.[].container_pid] | sort | join(" ")' <<<"$output")" "1 2 3"
	for pid in $(jq -r '.[].pid' <<<"$output"); do
		equal "$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")" \
			"$(jq ".[] | select(.pid == $pid) | .container_pid" <<<"$output")"
		equal "$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")" \
			"$(jq ".[] | select(.pid == $pid) | .ppid" <<<"$output")"
		[ "$(jq ".[] | select(.pid == $pid) | .rss" <<<"$output")" -gt 100000 ]
	done
	equal "$(jq -r '[.[].uid] | unique | join(" ")' <<<"$output")" 1000
	equal "$(jq -r '[.[].state, .[].name] | unique | join(" ")' <<<"$output")" "S sleep"
	gives 0 ct top web
	equal "$(head -n 1 <<<"$output" | xargs)" "UID PID CPID PPID STATE TIME RSS COMMAND"
	equal "$(wc -l <<<"$output")" 4
	prints 'sleep 1003'
}

@test "columns by the words of ps, and what they are not" {
	start web
	gives 0 ct top web cpid comm
	equal "$(xargs <<<"$output")" "CPID COMM 1 sleep"
	gives 0 ct top web -o cpid,args
	equal "$(tail -n 1 <<<"$output" | xargs)" "1 sleep 1000"
	gives 0 ct top web huid nlwp vsz thcount
	equal "$(head -n 1 <<<"$output" | xargs)" "HUID NLWP VSZ NLWP"
	[[ $(tail -n 1 <<<"$output" | xargs) =~ ^0\ 1\ [1-9][0-9.]*[KM]iB\ 1$ ]] || fail "other values"
	refuses 2 'at most [0-9]+ columns' ct top web -o "$(printf 'pid,%.0s' {1..33})"
	refuses 2 "'zzzzzz' is no column" ct top web zzzzzz
	complains 'hint: uid, pid, cpid, ppid'
	refuses 2 "'cpdi' is no column" ct top web cpdi
	complains 'cpid'
	refuses 1 'no container' ct top nobody
	refuses 2 'few' ct top
}

@test "time that was used; who is started from outside counts too" {
	start web -- sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; exec sleep 1000'
	bg other ct exec web sleep 1234
	gives 0 wait_for 10 eval 'ct top web -j | jq -e "any(.[]; .command == [\"sleep\", \"1234\"])"'
	gives 0 wait_for 20 eval 'ct top web -j | jq -e "any(.[]; .container_pid == 1 and .cpu_ns > 100000000)"'
	[[ $(ct top web time) =~ 0:0[0-9]\.[0-9]{2} ]]
}

@test "names and arguments of a container's choice reach no terminal" {
	local evil
	evil=$(printf 'e\033[31m) S 1')
	printf '#!/bin/sh\nsleep 1000\n:\n' >"$ROOTFS/bin/$evil"
	chmod +x "$ROOTFS/bin/$evil"
	start web -- "/bin/$evil" "$(printf 'a\033[2J\302\233b\nc\377')"
	gives 0 wait_for 10 eval '[ "$(ct top web -j | jq length)" = 2 ]'
	gives 0 ct top web -j
	jq -e '.[0].state == "S" and .[0].name == "e?[31m) S 1" and .[0].command[2] == "a?[2J??b?c?"' <<<"$output"
	gives 0 ct top web cpid state comm args
	[[ $output != *$'\033'* && $output != *$'\302\233'* ]] || fail "a control character"
	equal "$(sed -n 2p <<<"$output" | xargs -d '\n' echo | cut -c1-8)" "1     S "
	rm "$ROOTFS/bin/$evil"
}

@test "a container without a pid namespace of its own shows its own alone" {
	ctrun --help | grep -q -- '--pid ' || skip "there is no --pid yet"
	start web --pid host
	gives 0 ct top web -j
	equal "$(jq -r '.[].command | join(" ")' <<<"$output")" "sleep 1000"
	equal "$(jq -r '.[0].pid == .[0].container_pid' <<<"$output")" true
}
