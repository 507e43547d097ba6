#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A command in a container that runs.

# shellcheck disable=SC2317,SC2154
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

# bats test_tags=vm
@test "namespaces, cgroup and privileges are the container's" {
	start c --pids 50
	# shellcheck disable=SC2016
	gives 0 ct exec c sh -c 'for k in mnt pid uts ipc net cgroup user time; do
			[ "$(readlink /proc/self/ns/$k)" = "$(readlink /proc/1/ns/$k)" ] || echo $k
		done
		cmp /proc/self/cgroup /proc/1/cgroup
		for k in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp; do
			[ "$(grep ^$k: /proc/self/status)" = "$(grep ^$k: /proc/1/status)" ] || echo $k
		done'
	equal "$output" ""
}

# bats test_tags=vm
@test "limits and oom score are the container's" {
	start c --ulimit nofile=123:456 --ulimit core=0 --oom-score-adj 321
	gives 0 ct exec c sh -c 'ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj'
	equal "$output" $'123\n456\n321'
}

@test "--env, --env-file, --workdir, --user by number and name" {
	start c -e A=1
	printf 'B=2\n' >"$BATS_TEST_TMPDIR/env"
	# shellcheck disable=SC2016
	gives 0 ct exec -e C=3 --env-file "$BATS_TEST_TMPDIR/env" -w /tmp --user user c \
		sh -c 'echo $A $B $C $(pwd) $(id -u):$(id -g)'
	equal "$output" "1 2 3 /tmp 1000:1000"
	gives 0 ct exec --user 7:8 c sh -c 'id -u; id -g'
	equal "$output" $'7\n8'
	refuses 125 nobody-here ct exec --user nobody-here c true
}

@test "--privileged gives what the container has not" {
	start c
	gives 0 ct exec --privileged c grep -E '^(CapEff|Seccomp:|NoNewPrivs)' /proc/self/status
	prints 'Seccomp:.0'
	prints 'NoNewPrivs:.0'
	gives 0 ct exec --privileged c sh -c 'mkdir /m && mount -t tmpfs t /m'
	denied ct exec c sh -c 'mkdir /n && mount -t tmpfs t /n'
}

# bats test_tags=vm
@test "--detach: it outlives the command, and ends with the container" {
	start c
	gives 0 ct exec -d c sleep 5151
	gives 0 pgrep -f 'sleep 5151'
	gives 127 ct exec -d c no-such-command
	complains 'no-such-command'
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	wait_for 10 not pgrep -f 'sleep 5151'
}

@test "exit status, and what cannot be entered" {
	start c
	gives 7 ct exec c sh -c 'exit 7'
	gives 137 ct exec c sh -c "kill -KILL \$\$"
	gives 127 ct exec c nothing-of-that-name
	refuses 125 'nobody' ct exec nobody true
	gives 0 ct pause c
	refuses 125 'paused' ct exec c true
	gives 0 ct unpause c
	gives 0 ct exec c true
}
