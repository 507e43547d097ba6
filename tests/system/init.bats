#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --init: process 1 is a reaper of ours, and the command its child.

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

with()
{
	in_box --init "$@"
}

@test "the command is process 2, leads its group, and 1 is ours" {
	gives 0 with sh -c 'echo $$; cat /proc/1/comm; awk "{ print \$4, \$5 }" /proc/$$/stat'
	equal "$output" $'2\nct-init\n1 2'
	gives 0 with true
	gives 7 with sh -c 'exit 7'
	gives 127 with nosuch
	complains 'nosuch'
	gives 126 with /etc
}

@test "an end by a signal is an end by that signal" {
	local sig
	for sig in KILL TERM SEGV ABRT HUP INT USR1; do
		gives $((128 + $(kill -l $sig))) with sh -c "kill -$sig \$\$"
	done
}

@test "orphans do not stay zombies" {
	# without it, pid 1 is a shell that exec has made a sleep: they stay
	start plain -- sh -c '(sleep 0.2 &) ; exec sleep 1000'
	wait_for 10 eval 'ct exec plain sh -c "grep -q ^State:.Z /proc/*/status"'
	start reaped --init -- sh -c '(sleep 0.2 &) ; exec sleep 1000'
	wait_for 10 eval 'ct exec reaped sh -c "[ ! -d /proc/3 ]"'
	run --separate-stderr ct exec reaped sh -c 'grep -ls ^State:.Z /proc/[0-9]*/status'
	equal "$output" ""
}

@test "every signal reaches the command" {
	local sig
	start one --init -- sh -c 'for s in HUP INT QUIT USR1 USR2 TERM WINCH; do
		trap "echo got $s >>/tmp/got" $s; done; echo up >/tmp/got
		while :; do sleep 0.05; done'
	wait_for 10 ct exec one grep -q up /tmp/got
	for sig in HUP INT QUIT USR1 USR2 TERM WINCH; do
		kill -$sig "$bg_pid"
		wait_for 10 ct exec one grep -q "got $sig" /tmp/got
	done
	is_running one
}

@test "a command that handles no signal ends by the first" {
	start one --init
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	local status=0
	wait "$bg_pid" || status=$?
	equal "$status" 143
	: >"$BATS_TEST_TMPDIR/pids"
}

@test "a signal to process 1 from inside is passed on too" {
	gives 143 with sh -c 'kill -TERM 1; sleep 10'
	# but what the kernel keeps from it ends nothing
	gives 0 with sh -c 'kill -KILL 1; echo alive'
	equal "$output" alive
}

@test "when the command ends, so does all" {
	local word=986431
	gives 0 with sh -c "(setsid sleep $word &); true"
	wait_for 5 not pgrep -f "^sleep $word"
}

@test "it shows nothing, keeps nothing open, and can do next to nothing" {
	gives 0 with sh -c 'tr -d "\0" </proc/1/cmdline; echo; cat /proc/1/environ 2>&1 | tail -n 1
		ls -A /proc/1/fd; readlink /proc/1/exe; readlink /proc/1/cwd; true'
	[[ ${lines[0]} == ct-init ]] || fail "the runner's command line: $output"
	! [[ $output =~ $ROOTFS|/run/ctnet|/ctrun ]] || fail "the host shows"
	gives 0 with --cap-add SYS_PTRACE sh -c 'ls -A /proc/1/fd; tr -d "\0" </proc/1/environ'
	equal "$output" ""
	gives 0 with grep -E '^(Cap[PEI]|NoNew|Seccomp:)' /proc/1/status
	equal "$(tr -d '\t' <<<"$output")" \
		$'CapInh:0000000000000000\nCapPrm:0000000000000020\nCapEff:0000000000000020\nNoNewPrivs:1\nSeccomp:2'
	gives 0 with --user 1000 grep -E '^(Uid|CapPrm)' /proc/1/status
	equal "$output" $'Uid:\t1000\t1000\t1000\t1000\nCapPrm:\t0000000000000000'
}

@test "with SYS_PTRACE its file is nobody's to write to (CVE-2019-5736)" {
	gives 0 with --cap-add SYS_PTRACE sh -c 'readlink /proc/1/exe >/dev/null && ! (: >>/proc/1/exe)'
	start one --init --cap-add SYS_PTRACE --cap-add SYS_ADMIN
	denied ct exec one sh -c ': >>/proc/1/exe'
	complains 'Read-only|Permission|busy'
}

@test "a pipe's other end sees the command's end of it" {
	# the command gives its output up and goes on: cat has its end of file
	start one --init -- sh -c 'exec >/dev/null 2>&1; sleep 1000'
	gives 0 timeout 10 sh -c "ctrun --init --rootfs '$ROOTFS' sh -c 'echo all; exec >&- 2>&-; sleep 1' | cat"
	equal "$output" all
}

@test "a terminal: the command is in front, and job control works" {
	gives 0 script -qec "ctrun --init -t --rootfs $ROOTFS sh -c 'tty; awk \"{ print \\\"in front:\\\", \\\$5 == \\\$8 }\" /proc/\$\$/stat'" /dev/null
	prints '/dev/pts/0'
	prints 'in front: 1'
	command -v expect >/dev/null || skip "expect is not installed"
	cat >"$BATS_TEST_TMPDIR/job" <<'EXPECT'
set timeout 20
spawn ctrun --init -t --rootfs $env(ROOTFS) sh -i
expect -re {/ # }
send "sleep 1000\r"
after 300
send "\032"
expect -re {Stopped} {} timeout { exit 3 }
send "echo still=\$((40 + 2))\r"
expect -re {still=42} {} timeout { exit 4 }
send "fg\r"
expect -re {sleep 1000} {} timeout { exit 5 }
after 300
send "\003"
expect -re {/ # } {} timeout { exit 5 }
send "exit 9\r"
expect eof
lassign [wait] pid spawn os status
exit $status
EXPECT
	gives 9 expect "$BATS_TEST_TMPDIR/job"
}

@test "Ctrl-C ends, Ctrl-Z stops a command that knows nothing of terminals" {
	command -v expect >/dev/null || skip "expect is not installed"
	cat >"$BATS_TEST_TMPDIR/keys" <<'EXPECT'
set timeout 20
set env(PS1) {$ }
spawn sh -i
expect -re {\$ $}
send "ctrun --init -t --name one --rootfs $env(ROOTFS) sh -c 'echo u\"\"p; exec sleep 1000'\r"
expect -re {up\r} {} timeout { exit 3 }
after 300
send "\032"
expect -re {Stopped.*\$ $} {} timeout { exit 4 }
send "fg\r"
expect -re {sleep 1000} {} timeout { exit 5 }
after 300
send "\003"
expect -re {\$ $} {} timeout { exit 6 }
send "echo status=\$?\r"
expect -re {status=130} {} timeout { exit 7 }
send "exit\r"
expect eof
EXPECT
	gives 0 expect "$BATS_TEST_TMPDIR/keys"
}

@test "a profile, a user, a tty and a later command go with it" {
	printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}' \
		>"$BATS_TEST_TMPDIR/p.json"
	denied with --seccomp "$BATS_TEST_TMPDIR/p.json" --user user mkdir /tmp/x
	gives 0 with --privileged mount -t tmpfs tmpfs /tmp
	start one --init --user user
	gives 0 ct exec one id -u
	equal "$output" 1000
	run ct exec one kill -USR1 2 # which may well end with it
	wait_for 10 is_gone "$bg_pid"
}
