#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a caller gets back: exit status, output, errors in one line.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
}

# nothing_of_a_container - after a start that failed
nothing_of_a_container()
{
	gives 0 ct ps -j
	equal "$output" "[]"
	equal "$(find /sys/fs/cgroup -path "*/$CT_CGROUP_PARENT/ctnet/*" -type d)" ""
	equal "$(find /run/ctnet -path '*/containers/*' -o -path '*/files/*')" ""
}

@test "the command's own status: 0, 1, 2, 42, 255" {
	local n
	for n in 0 1 2 42 255; do
		gives "$n" in_box sh -c "exit $n"
		equal "$stderr" ""
	done
}

@test "128+n when signal n ended the command" {
	# pid 1 itself: the signals it cannot die of are carried out by the runner
	gives 137 in_box sh -c 'kill -9 $$'
	gives 143 in_box sh -c 'sh -c "kill -TERM \$\$"; exit $?'
	gives 139 in_box sh -c 'sh -c "kill -SEGV \$\$"; exit $?'
}

@test "a signal sent to ctrun ends the command as outside" {
	local pair signal status_wanted
	for pair in TERM:143 INT:130 HUP:129 USR1:138 QUIT:131; do
		signal=${pair%:*} status_wanted=${pair#*:}
		bg run ctrun --name sleeper --rootfs "$ROOTFS" sleep 1000
		wait_for 10 is_running sleeper
		kill -"$signal" "$bg_pid"
		local got=0
		wait "$bg_pid" || got=$?
		equal "$signal $got" "$signal $status_wanted"
	done
	nothing_of_a_container
}

@test "a command that handles the signal decides for itself" {
	bg run ctrun --name handler --rootfs "$ROOTFS" \
		sh -c 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.1; done'
	wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/run.out"
	kill -TERM "$bg_pid"
	local got=0
	wait "$bg_pid" || got=$?
	equal "$got" 7
	grep -q caught "$BATS_TEST_TMPDIR/run.out"
}

@test "127: not found; 126: found and not executable; 125: our own failure" {
	refuses 127 'no-such-command' in_box no-such-command
	refuses 127 '/no/such' in_box /no/such
	refuses 126 '/etc/passwd' in_box /etc/passwd
	refuses 126 '/etc' in_box /etc
	printf 'not a program\n' >"$ROOTFS/bin/garbage"
	chmod +x "$ROOTFS/bin/garbage"
	refuses 126 'garbage' in_box /bin/garbage
	refuses 125 '/no-such-dir' ctrun --rootfs /no-such-dir true
	refuses 125 'passwd' ctrun --rootfs "$ROOTFS/etc/passwd" true
	nothing_of_a_container
}

@test "usage errors of ctrun are 125, with a suggestion where there is one" {
	refuses 125 'memry' ctrun --memry 1M true
	complains '--memory'
	refuses 125 'command|few' ctrun
	refuses 125 'bananas' ctrun --memory bananas true
	refuses 125 'cpus' ctrun --cpus=-1 true
	refuses 125 'user' ctrun --user -1 true
	refuses 125 'user' ctrun --user 4294967295 true
	refuses 125 'user' ctrun --user 1x true
	refuses 125 'CAP|NET_RAWR' ctrun --cap-add NET_RAWR true
	complains 'NET_RAW'
	refuses 125 'name' ctrun --name a/b true
	refuses 125 'name' ctrun --name .. true
	refuses 125 'no-such-net|no network|network' ctrun --net no-such-net true
	refuses 125 'workdir|relative' ctrun --workdir relative true
	refuses 125 'volume|src' ctrun -v src true
	nothing_of_a_container
}

@test "a network that is misspelt is named, with the one that was meant" {
	ctnet create bridge0
	refuses 125 'brigde0' in_box --net brigde0 true
	complains 'bridge0'
	nothing_of_a_container
}

@test "a workdir, volume or user that is not there" {
	refuses 125 '/nowhere' in_box --workdir /nowhere true
	refuses 125 '/no/source' in_box -v /no/source:/mnt true
	gives 0 in_box --user 1000:1000 id
	prints 'uid=1000.*gid=1000'
	nothing_of_a_container
}

@test "two containers of one name: the second is refused, the first lives" {
	start one
	refuses 125 'one' in_box --name one true
	is_running one
}

@test "stdout and stderr are apart, stdin arrives, nothing is added" {
	gives 0 in_box sh -c 'echo out; echo err >&2'
	equal "$output" out
	equal "$stderr" err
	equal "$(printf 'a\nb\n' | in_box cat)" "$(printf 'a\nb')"
	equal "$(head -c 1000000 /dev/zero | in_box wc -c)" 1000000
	equal "$(in_box head -c 1000000 /dev/zero | wc -c)" 1000000
	# A closed reader ends the writer, as in any pipe.
	gives 0 bash -c "set +o pipefail; ctrun --rootfs $ROOTFS yes | head -n 1"
	equal "$output" y
}

@test "exec: status, environment, unknown containers" {
	start one --env COLOUR=blue
	gives 42 ct exec one sh -c 'exit 42'
	gives 137 ct exec one sh -c 'kill -9 $$'
	gives 0 ct exec one sh -c 'echo $COLOUR $HOSTNAME'
	equal "$output" "blue one"
	refuses 127 'no-such' ct exec one no-such
	refuses 125 'oen' ct exec oen true
	complains 'one'
	local id
	id=$(ct ps -j | jq -r '.[0].id')
	gives 0 ct exec "${id:0:6}" true
	gives 0 ct exec --user 1000 --workdir /tmp one sh -c 'id -u; pwd'
	equal "${lines[*]}" "1000 /tmp"
	refuses 125 'few|COMMAND' ct exec one
}

@test "ps: the keys that are promised, and only who is there" {
	gives 0 ct ps -j
	equal "$output" "[]"
	ctnet create bridge0
	start one --net bridge0
	gives 0 ct ps -j
	jq -e '.[0] | has("id", "name", "status", "pid", "exit_code", "created", "command",
		"networks", "ports", "health")' <<<"$output"
	jq -e '.[0].networks[0] | has("network", "ifname", "mac", "addresses")' <<<"$output"
	equal "$(jq -r '.[0] | "\(.name) \(.status) \(.command | join(" "))"' <<<"$output")" \
		"one running sleep 1000"
	equal "$(cat "/proc/$(jq -r '.[0].pid' <<<"$output")/comm")" sleep
	gives 0 ct ps
	prints 'NAME'
	prints 'one'
}

@test "the environment is ours, not the caller's" {
	SECRET=x gives 0 in_box --name box env
	! [[ $output =~ SECRET ]] || fail "the caller's environment leaks"
	prints '(^|'$'\n'')PATH='
	prints 'HOME=/root'
	prints 'HOSTNAME=box'
	SECRET=x gives 0 in_box --env-host env
	prints 'SECRET=x'
	SECRET=y gives 0 in_box --env SECRET --env A=1 env
	prints 'SECRET=y'
	prints 'A=1'
	printf '# comment\nFROM=file\n' >"$BATS_TEST_TMPDIR/env"
	gives 0 in_box --env-file "$BATS_TEST_TMPDIR/env" env
	prints 'FROM=file'
}

@test "the state directory is private, and --root makes another world" {
	gives 0 ctrun --root "$BATS_TEST_TMPDIR/state" --rootfs "$ROOTFS" true
	equal "$(stat -c %a "$BATS_TEST_TMPDIR/state")" 700
	ln -s "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/link"
	refuses 125 'link' ctrun --root "$BATS_TEST_TMPDIR/link" --rootfs "$ROOTFS" true
	mkdir -m 777 "$BATS_TEST_TMPDIR/open"
	refuses 125 'open' ctrun --root "$BATS_TEST_TMPDIR/open" --rootfs "$ROOTFS" true
}

@test "help on one command, from either side" {
	gives 0 ctnet help create
	prints 'usage: ctnet create NAME'
	prints '--subnet'
	gives 0 ct help net ns add
	prints 'usage: ct net ns add NAME'
	gives 0 ctlab help ls
	equal "${lines[0]}" 'usage: ctlab ls'
	gives 0 ctnet help ns
	prints 'identify'
	refuses 2 "did you mean 'ctnet create'" ctnet help creat
	gives 0 ctlab --help
	prints 'lint'
}

@test "empty values and zeros are refused, not taken for a default" {
	refuses 125 'empty path' ctrun --rootfs : true
	refuses 125 'empty path' ctrun --rootfs "$ROOTFS:" true
	refuses 125 'empty path' ctrun --rootfs "$ROOTFS::$ROOTFS" true
	refuses 125 '--memory: 0 bytes' ctrun --memory 0 true
	refuses 125 '--root: an empty path' ctrun --root '' true
	refuses 2 '--config: an empty path' ctnet --config '' ls
	refuses 2 'driver ""' ctnet create x --driver ''
	refuses 2 'no address' ctnet create x --mac 00:00:00:00:00:00
	refuses 125 'no address' in_box --net x:mac=00:00:00:00:00:00 true
	refuses 2 'name' ctnet ns add ''
	refuses 2 'name' ctnet ns add a/b
}

@test "a hint where the cure is known" {
	refuses 125 'hint: make it first: mkdir' in_box --upper /no-such-dir true
	refuses 125 'hint: no layer may be given twice' ctrun --rootfs "$ROOTFS:$ROOTFS" true
	refuses 125 'hint: .*--memory' in_box --memory 4K true
	refuses 1 'hint: `ctnet ls` lists' ctnet rm no-such-net
	refuses 125 'absolute path below /' ctrun --tmpfs / true
}

@test "ctnet ls lists the others when a definition is broken" {
	ctnet create good0
	ctnet create bad0
	cp /etc/ctnet/networks/bad0.conf "$BATS_TEST_TMPDIR/"
	echo nonsense >/etc/ctnet/networks/bad0.conf
	gives 1 ctnet ls
	prints 'good0'
	complains 'bad0.conf:1:1'
	gives 1 ctnet ls -j
	equal "$(jq -r '.[].name' <<<"$output")" good0
	ctnet rm good0 bad0
}

@test "ct ps lists the networks of a container in the order they were given" {
	ctnet create net0
	ctnet create net1
	ctnet create net2
	start c --net net2 --net net0:ifname=aaa0 --net net1
	equal "$(ct ps -j | jq -c '[.[0].networks[].network]')" '["net2","net0","net1"]'
	equal "$(ct ps -j | jq -c '.[0].networks[0] | keys')" '["addresses","ifname","mac","network"]'
	bg_end
	ctnet rm net0 net1 net2
}
