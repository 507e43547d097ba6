#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab exec, sh and logs: commands in nodes, as the nodes' own are, and what daemons wrote.

load lib
load lab
load terminal

teardown()
{
	terminal_end
	bg_end
	ctlab down --all
}

@test "a command runs in the node's namespaces, with its environment" {
	two_hosts 'env.1 = COLOUR=blue' 'hostname = alpha'
	ctlab up "$LAB"
	gives 0 ctlab exec two a -- sh -c 'echo "$(hostname) $COLOUR $$"; ip -br addr show eth0'
	prints '^alpha blue [0-9]+'
	prints '10\.0\.0\.1/30'
	gives 0 ctlab exec two b hostname
	equal "$output" b
	gives 0 ctlab exec -e COLOUR=red -w /tmp two a sh -c 'echo "$COLOUR $PWD"'
	equal "$output" "red /tmp"
	local kind pid
	pid=$(ctlab status -j two | jq '.[0].nodes[0].pid')
	for kind in net mnt pid uts ipc; do
		equal "$(ctlab exec two a readlink /proc/self/ns/$kind)" \
			"$(readlink "/proc/$pid/ns/$kind")"
	done
}

@test "capabilities and user are the node's" {
	two_hosts 'user = 65534:65533'
	ctlab up "$LAB"
	gives 0 ctlab exec two a sh -c 'id -u; id -g'
	equal "$output" $'65534\n65533'
	gives 0 ctlab exec -u root two a id -un
	equal "$output" root
	gives 0 ctlab exec two b sh -c 'ip link add x type bridge && ip link del x'
	denied ctlab exec two b mount -t tmpfs none /mnt
	gives 0 ctlab exec --privileged two b grep CapEff /proc/self/status
	# all that the caller has
	equal "$output" "$(grep CapEff /proc/self/status)"
}

@test "limits hold for later commands too" {
	two_hosts 'pids = 20'
	ctlab up "$LAB"
	gives 0 ctlab exec two b sh -c 'for i in $(seq 40); do sleep 3 & done; wait'
	# busybox and dash say it with different words
	run ctlab exec two a sh -c 'for i in $(seq 40); do sleep 3 & done; wait'
	[[ $output =~ fork|Resource ]] || fail "40 processes where 20 may be"
}

@test "exit statuses: the command's own, 125, 126, 127" {
	two_hosts
	ctlab up "$LAB"
	gives 0 ctlab exec two a true
	gives 7 ctlab exec two a sh -c 'exit 7'
	gives 143 ctlab exec two a sh -c 'kill -TERM $$'
	gives 126 ctlab exec two a /etc/passwd
	gives 127 ctlab exec two a no-such-command
	refuses 125 "lab two has no node aa" ctlab exec two aa true
	refuses 125 "no lab tow" ctlab exec tow a true
	refuses 125 "." ctlab exec two a
	refuses 125 "command is missing" ctlab exec two a --
	refuses 125 "." ctlab exec --nonsense two a true
}

@test "input and output pass through, and nothing else" {
	two_hosts
	ctlab up "$LAB"
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/in"
	ctlab exec two a cat <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out"
	cmp "$BATS_TEST_TMPDIR/in" "$BATS_TEST_TMPDIR/out"
	gives 3 ctlab exec two a sh -c 'echo out; echo err >&2; exit 3'
	equal "$output" out
	equal "$stderr" err
	gives 0 ctlab exec two a sh -c 'ls /proc/self/fd | wc -l' 9</etc/passwd
	# 0, 1, 2 and the directory itself
	equal "$output" 4
}

@test "a signal that ends the caller ends the command" {
	two_hosts
	ctlab up "$LAB"
	bg run ctlab exec two a sleep 515151
	wait_for 10 pgrep -f '^sleep 515151'
	kill -TERM "$bg_pid"
	wait_for 10 not pgrep -f '^sleep 515151'
	bg run ctlab exec two a sleep 515151
	wait_for 10 pgrep -f '^sleep 515151'
	kill -KILL "$bg_pid"
	wait_for 10 not pgrep -f '^sleep 515151'
}

@test "a node that is stopped, a lab that is gone" {
	two_hosts
	ctlab up "$LAB"
	ctlab node two b stop
	refuses 125 "node b" ctlab exec two b true
	gives 0 ctlab exec two a true
	ctlab down two
	refuses 125 "no lab two" ctlab exec two a true
}

@test "sh reads commands from a pipe" {
	two_hosts
	ctlab up "$LAB"
	run -5 --separate-stderr ctlab sh two a <<-'END'
		hostname
		exit 5
	END
	equal "$output" a
}

# ---- on a terminal ---------------------------------------------------------

@test "sh is a terminal with job control and the window's size" {
	two_hosts
	ctlab up "$LAB"
	terminal
	type_line 'ctlab sh two a'
	type_line 'echo "on $(hostname): $(tty) $(stty size)"'
	see 'on a: /dev/(pts/[0-9]+|console) 24 80'
	resize 100 30
	type_line 'echo "size $(stty size)"'
	see 'size 30 100'
	type_line 'sleep 616161'
	in_foreground '^sleep 616161'
	keys C-z
	see 'Stopped'
	type_line 'fg'
	in_foreground '^sleep 616161'
	keys C-c
	wait_for 10 not pgrep -f '^sleep 616161'
	type_line 'exit 4'
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: 4'
}

@test "Ctrl-C ends a command in a node" {
	two_hosts
	ctlab up "$LAB"
	terminal
	type_line 'ctlab exec two a ping 10.0.0.2'
	see 'bytes from 10.0.0.2'
	keys C-c
	see 'packets transmitted'
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: [01]'
}

# ---- logs ------------------------------------------------------------------

@test "what a daemon writes is in its log, from both streams" {
	two_hosts 'daemon.1 = "echo one; echo two; echo bad >&2; exec sleep 424242"'
	ctlab up "$LAB"
	wait_for 10 eval '[ "$(ctlab logs two a 2>&1 | wc -l)" = 3 ]'
	gives 0 ctlab logs two a
	equal "$output" $'one\ntwo'
	equal "$stderr" bad
	# the streams are two pipes: which of them is read first is nobody's promise
	run ctlab logs -n 1 two a 1
	[[ $output == two || $output == bad ]] || fail "not the last one"
	gives 0 ctlab logs -j two a
	equal "$(jq -r '"\(.stream) \(.line)"' <<<"$output" | sort)" $'stderr bad\nstdout one\nstdout two'
	gives 0 ctlab logs --since 1h --until 0.001 two a
	[ -z "$output" ] || fail "lines of the past"
	gives 0 ctlab logs -t --since 1h two a
	prints '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z one'
}

@test "logs -f goes on until the lab ends" {
	two_hosts 'daemon.1 = "while :; do read -r line </run/in && echo $line; done"' \
		'exec.1 = "mkfifo /run/in"'
	ctlab up "$LAB"
	bg follow ctlab logs -f two a
	local follow=$bg_pid
	ctlab exec two a sh -c 'echo first >/run/in'
	wait_for 10 grep -qx first "$BATS_TEST_TMPDIR/follow.out"
	ctlab exec two a sh -c 'echo second >/run/in'
	wait_for 10 grep -qx second "$BATS_TEST_TMPDIR/follow.out"
	kill -0 "$follow"
	ctlab down two
	wait_for 10 is_gone "$follow"
}

@test "which daemon: told when there are several, or none" {
	two_hosts 'daemon.1 = "echo uno; exec sleep 424242"' 'daemon.7 = "echo sette; exec sleep 424242"'
	ctlab up "$LAB"
	refuses 1 "has 2 daemons.*name one: 1, 7" ctlab logs two a
	wait_for 10 eval '[ "$(ctlab logs two a 7)" = sette ]'
	refuses 1 "has no daemon 2" ctlab logs two a 2
	refuses 1 "node b has no daemon" ctlab logs two b
	refuses 1 "no node c" ctlab logs two c
}

@test "a log outlives its daemon and a stop of its node" {
	two_hosts 'daemon.1 = "echo before; exec sleep 424242"'
	ctlab up "$LAB"
	wait_for 10 eval '[ "$(ctlab logs two a)" = before ]'
	ctlab node two a stop
	gives 0 ctlab logs two a
	equal "$output" before
	ctlab node two a start
	wait_for 10 eval '[ "$(ctlab logs two a)" = before$'"'\n'"'before ]'
}

# ---- completion ------------------------------------------------------------

@test "names of labs, nodes, links and wires are completed" {
	two_hosts
	ctlab up "$LAB"
	equal "$(ct __complete ctlab exec '')" two
	equal "$(ct __complete ctlab exec two '' | sort | tr '\n' ' ')" "a b "
	equal "$(ct __complete ctlab link two '')" ab
	equal "$(ct __complete ctlab link two ab '' | tr '\n' ' ')" "up down "
	equal "$(ct __complete ctlab impair two ab lo)" loss=
	equal "$(ct __complete ctlab capture two a | tr '\n' ' ')" "ab a:eth0 "
	equal "$(ct __complete ctlab node two a s | tr '\n' ' ')" "start stop "
}
