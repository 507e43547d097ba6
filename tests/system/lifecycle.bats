#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Containers that somebody else runs: stopped, killed, awaited, removed, renamed,
# paused; detached ones, which stay listed, and foreground ones, which do not.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_containers
	[ -z "$(find /run/ctnet -path '*/containers/*' -o -path '*/names/*' ! -name .lock)" ]
}

# field NAME KEY - of ct ps
field()
{
	ct ps -j | jq -r --arg n "$1" ".[] | select(.name == \$n) | .$2"
}

is()
{
	[ "$(field "$1" status)" = "$2" ]
}

# a command that takes TERM for nothing, and one that ends with 7 when it is asked
stubborn=(sh -c 'trap "" TERM; : >/tmp/up; while :; do sleep 0.05; done')
polite=(sh -c 'trap "exit 7" TERM USR1; : >/tmp/up; while :; do sleep 0.05; done')

# traps NAME - it has set its traps
traps()
{
	ct exec "$1" test -e /tmp/up
}

@test "stop asks with TERM, prints the names, and the status is the command's own" {
	detach web -- "${polite[@]}"
	detach other
	wait_for 5 traps web
	gives 0 ct stop web other
	equal "$output" $'web\nother'
	equal "$(field web status) $(field web exit_code)" "exited 7"
	equal "$(field other exit_code)" 143
	equal "$(field web pid)" 0
}

@test "what ignores TERM is killed after its grace" {
	detach deaf -- "${stubborn[@]}"
	wait_for 5 traps deaf
	local from=$EPOCHREALTIME
	gives 0 ct stop -t 1 deaf
	local took=$((${EPOCHREALTIME/[.,]/} - ${from/[.,]/}))
	((took >= 950000 && took < 9000000)) || fail "took $took us"
	equal "$(field deaf exit_code)" 137
}

@test "several get their graces at the same time" {
	local i from
	for i in 1 2 3 4; do
		detach "deaf$i" -- "${stubborn[@]}"
	done
	for i in 1 2 3 4; do
		wait_for 5 traps "deaf$i"
	done
	from=$EPOCHREALTIME
	gives 0 ct stop -t 1 deaf1 deaf2 deaf3 deaf4
	local took=$((${EPOCHREALTIME/[.,]/} - ${from/[.,]/}))
	((took < 3500000)) || fail "took $took us"
}

@test "stop -s, and the container's own --stop-signal and --stop-timeout" {
	detach usr -- "${polite[@]}"
	wait_for 5 traps usr
	gives 0 ct stop -s USR1 usr
	equal "$(field usr exit_code)" 7
	detach own --stop-signal USR1 --stop-timeout 30 -- "${polite[@]}"
	wait_for 5 traps own
	gives 0 ct stop own
	equal "$(field own exit_code)" 7
	detach short --stop-timeout 1 -- "${stubborn[@]}"
	wait_for 5 traps short
	gives 0 ct stop short
	equal "$(field short exit_code)" 137
}

@test "stop of one that has exited is done; of one that is not there it fails, and stops the others" {
	detach gone -- true
	wait_for 5 is gone exited
	gives 0 ct stop gone
	detach a
	gives 1 ct stop nobody a
	complains "no container nobody"
	equal "$output" a
	equal "$(field a status)" exited
}

@test "a foreground container is stopped, killed and removed by force too" {
	start fore
	gives 0 ct stop fore
	wait_for 5 is_gone "$bg_pid"
	start fore
	refuses 1 "remove fore: it is running" ct rm fore
	gives 0 ct rm -f fore
	wait_for 5 is_gone "$bg_pid"
	equal "$(ct ps -q)" ""
}

@test "a runner that was stopped as a job does not hold up stop" {
	start job
	kill -STOP "$bg_pid"
	gives 0 ct stop -t 0 job
	wait_for 5 is_gone "$bg_pid"
}

@test "kill: KILL at first, signals by name and number, and for the first process itself" {
	detach k
	gives 0 ct kill k
	equal "$output" k
	wait_for 5 is k exited
	equal "$(field k exit_code)" 137
	refuses 1 "k does not run" ct kill k
	refuses 2 "'NOSUCH' is no signal" ct kill -s NOSUCH k
	detach t -- "${polite[@]}"
	wait_for 5 traps t
	gives 0 ct kill -s sigusr1 t
	wait_for 5 is t exited
	equal "$(field t exit_code)" 7
	detach s
	gives 0 ct kill -s 19 s
	wait_for 5 eval '[ "$(ct exec s sh -c "cut -d\" \" -f3 /proc/1/stat")" = T ]'
	gives 0 ct kill -s CONT s
	wait_for 5 eval '[ "$(ct exec s sh -c "cut -d\" \" -f3 /proc/1/stat")" = S ]'
	gives 0 ct kill -s HUP s
	wait_for 5 is s exited
	equal "$(field s exit_code)" 129
}

@test "kill: signals that end a program with a core are carried out too" {
	local sig
	for sig in ABRT TRAP SYS; do
		detach "x$sig"
		gives 0 ct kill -s "$sig" "x$sig"
		wait_for 5 is "x$sig" exited
		equal "$(field "x$sig" exit_code)" $((128 + $(kill -l "$sig")))
		equal "$(field "x$sig" error)" null
	done
	start fore
	gives 0 ct kill -s ABRT fore
	wait_for 5 is_gone "$bg_pid"
	run -134 wait "$bg_pid"
}

@test "wait prints the statuses in order, also of those that ended before" {
	detach one -- sh -c 'exit 3'
	detach two -- sh -c 'sleep 0.5; exit 4'
	wait_for 5 is one exited
	gives 0 ct wait two one
	equal "$output" $'4\n3'
	gives 0 ct wait -j one
	equal "$(jq -c '.[0] | [.name, .exit_code]' <<<"$output")" '["one",3]'
	refuses 1 "no container" ct wait nobody
}

# ends_while_waited_for NAME STATUS - one that ends when /go/now is there: its status is
# printed, or, before Linux 6.15, what to do is said
ends_while_waited_for()
{
	bg "wait-$1" ct wait "$1"
	wait_for 10 eval 'ls -l /proc/'"$bg_pid"'/fd | grep -q pidfd'
	touch "$BATS_TEST_TMPDIR/go/now"
	status=0
	wait "$bg_pid" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/wait-$1.out")
	# shellcheck disable=SC2034 # complains() looks there
	stderr=$(<"$BATS_TEST_TMPDIR/wait-$1.err")
	rm "$BATS_TEST_TMPDIR/go/now"
	[ "$status" != 0 ] || { equal "$output" "$2"; return; }
	equal "$status" 1
	complains "container $1 has ended, its status is not kept"
	complains 'hint: .*Linux 6\.15'
}

# bats test_tags=vm
@test "wait: what leaves no record has its status from the kernel" {
	local go=(-v "$BATS_TEST_TMPDIR/go:/go")
	mkdir "$BATS_TEST_TMPDIR/go"
	start fore "${go[@]}" -- sh -c 'until [ -e /go/now ]; do sleep 0.05; done; exit 6'
	ends_while_waited_for fore 6
	detach auto --rm "${go[@]}" -- sh -c 'until [ -e /go/now ]; do sleep 0.05; done; exit 8'
	ends_while_waited_for auto 8
}

@test "kill -9 of a monitor: the container ends and says why" {
	detach m
	local runner
	runner=$(ct inspect m | jq '.[0].runner_pid')
	kill -KILL "$runner"
	gives 0 ct wait m
	equal "$output" 137
	equal "$(field m status)" exited
	equal "$(ct inspect m | jq -r '.[0].error')" "its monitor was killed"
	detach auto --rm
	kill -KILL "$(ct inspect auto | jq '.[0].runner_pid')"
	wait_for 5 eval '! ct ps -j | jq -e "any(.[]; .name == \"auto\")"'
}

@test "rm refuses one that runs, removes files and name of one that has exited" {
	detach web -- echo hello
	wait_for 5 is web exited
	local id
	id=$(field web id)
	[ -e "/run/ctnet/files/$id" ]
	gives 125 ctrun --name web --rootfs "$ROOTFS" true
	complains "name web is taken by container $id"
	complains "ct rm web"
	gives 0 ct rm "$id"
	equal "$output" "$id"
	[ ! -e "/run/ctnet/files/$id" ]
	[ ! -e "/run/ctnet/names/web" ]
	detach web
	refuses 1 "remove web: it is running" ct rm web
	gives 0 ct rm -f -v web
	refuses 1 "no container web" ct rm web
}

@test "prune removes all that have exited, or some, and none that runs" {
	detach a --label keep=1 -- true
	detach b -- true
	detach c
	wait_for 5 is a exited
	wait_for 5 is b exited
	gives 0 ct prune -f --filter label=nosuch
	equal "$output" ""
	gives 0 ct prune --filter name=b
	equal "$output" b
	gives 0 ct prune -j
	equal "$(jq -r '.[].name' <<<"$output")" a
	equal "$(ct ps -j | jq -r '.[].name')" c
}

@test "prune asks on a terminal" {
	detach a -- true
	wait_for 5 is a exited
	gives 0 script -qec "ct prune" /dev/null <<<n
	prints 'All containers that have exited will be removed. Go on\? \[y/N\]'
	equal "$(field a status)" exited
	gives 0 script -qec "ct prune --filter name=a" /dev/null <<<y
	prints 'exited and fit the filters'
	equal "$(ct ps -q)" ""
}

@test "rename: found by the new name alone, and unique" {
	# no beginnings of an id: those would find one
	detach x
	detach y
	gives 0 ct rename x z
	equal "$(ct exec z echo in)" in
	refuses 1 "no container x" ct stop x
	refuses 1 "rename y: name z is taken" ct rename y z
	refuses 1 "z is its name already" ct rename z z
	refuses 1 "rename y: " ct rename y ../x
	detach x
	gives 0 ct stop -t 0 z
	equal "$(field z status)" exited
	gives 0 ct rename z w
	gives 0 ct rm w
	start fore
	gives 0 ct rename fore behind
	gives 0 ct stop behind
	wait_for 5 is_gone "$bg_pid"
}

# bats test_tags=vm
@test "pause freezes all inside, and says so; unpause lets it go on" {
	detach p -- sh -c 'i=0; while :; do i=$((i+1)); echo $i >/tmp/n; done'
	wait_for 5 ct exec p test -s /tmp/n
	local pid a b
	pid=$(field p pid)
	gives 0 ct pause p
	equal "$(field p status)" paused
	a=$(cut -d' ' -f14,15 "/proc/$pid/stat")
	for _ in 1 2 3; do
		ct ps -q >/dev/null
	done
	b=$(cut -d' ' -f14,15 "/proc/$pid/stat")
	equal "$a" "$b"
	refuses 1 "p is paused, not running" ct pause p
	refuses 125 "container p is paused" ct exec p true
	gives 0 ct unpause p
	equal "$(field p status)" running
	gives 0 ct exec p true
	refuses 1 "p is running, not paused" ct unpause p
}

# bats test_tags=vm
@test "a paused container is stopped, killed and removed as any other" {
	detach a -- "${polite[@]}"
	wait_for 5 traps a
	gives 0 ct pause a
	gives 0 ct stop a
	equal "$(field a exit_code)" 7
	detach b
	gives 0 ct pause b
	gives 0 ct rm -f b
	detach c
	gives 0 ct pause c
	gives 0 ct kill c
	wait_for 5 is c exited
}

@test "a stopped container is not started again, a killed one neither" {
	detach always --restart always -- "${polite[@]}"
	wait_for 5 traps always
	gives 0 ct stop always
	equal "$(field always status)" exited
	detach killed --restart always
	gives 0 ct kill killed
	wait_for 5 is killed exited
	detach loop --restart always -- sh -c 'sleep 0.1; exit 1'
	wait_for 10 eval '[ "$(ct inspect loop | jq ".[0].restarts")" -ge 2 ]'
	gives 0 ct stop loop
	equal "$(field loop status)" exited
}

@test "port: as docker prints them" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	detach web --net bridge0 -p 8080:80 -p 127.0.0.1:5353:53/udp
	gives 0 ct port web
	equal "$output" $'80/tcp -> 0.0.0.0:8080\n53/udp -> 127.0.0.1:5353'
	gives 0 ct port web 80
	equal "$output" "0.0.0.0:8080"
	gives 0 ct port web 53/udp
	equal "$output" "127.0.0.1:5353"
	gives 0 ct port -j web 80/tcp
	equal "$(jq -c '.[0] | [.host_port, .port, .protocol]' <<<"$output")" '[8080,80,"tcp"]'
	refuses 1 "does not publish 81/tcp" ct port web 81
	refuses 2 "want tcp, udp or sctp" ct port web 80/icmp
	gives 0 ct rm -f web
	ctnet rm bridge0
}

@test "a prefix of an id will do; an ambiguous one will not" {
	detach a
	local id
	id=$(field a id)
	gives 0 ct stop "${id:0:6}"
	equal "$output" "${id:0:6}"
	refuses 2 "too few arguments" ct stop
}

@test "names are completed" {
	detach web
	local command
	for command in stop kill wait rm rename pause unpause update port; do
		equal "$(ct __complete ct "$command" w)" web
	done
}
