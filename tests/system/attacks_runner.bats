#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Attacks on container runners that need a race, a helper of their own, or a look
# at the host afterwards. The plain ones are in runner.bats, and in the file of what
# they are about. docs/TESTING.md has the list.

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

program()
{
	readlink -f "$(command -v ct)"
}

@test "fifty commands that are #!/proc/self/exe do not give the program away (CVE-2019-5736)" {
	local before
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/evil"
	printf '#!/proc/self/exe\n' >"$BATS_TEST_TMPDIR/evil/bin/evil"
	chmod +x "$BATS_TEST_TMPDIR/evil/bin/evil"
	before=$(sha256sum "$(program)")
	# whatever executable is not one of its own is opened, and written to until it can be
	bg one ctrun --name one --cap-add SYS_PTRACE --rootfs "$BATS_TEST_TMPDIR/evil" sh -c '
		echo up >/tmp/state
		while :; do
			for p in /proc/[0-9]*; do
				case $(readlink $p/exe 2>/dev/null) in "" | */busybox) continue ;; esac
				(exec 7<$p/exe
				echo seen >>/tmp/state
				n=0; while [ $n -lt 20 ]; do
					(echo broken >/proc/self/fd/7) 2>/dev/null && echo written >>/tmp/state
					n=$((n + 1)); done)
			done 2>/dev/null
		done'
	wait_for 10 ct exec one grep -q up /tmp/state
	for _ in {1..50}; do
		ct exec one /bin/evil --version </dev/null >/dev/null 2>&1 || true
	done
	gives 0 ct exec one cat /tmp/state
	[[ $output != *written* ]] || fail "something of the host was written to"
	equal "$(sha256sum "$(program)")" "$before"
	# and a first command that is one
	for _ in {1..5}; do
		ctrun --rootfs "$BATS_TEST_TMPDIR/evil" /bin/evil --version >/dev/null 2>&1 || true
	done
	equal "$(sha256sum "$(program)")" "$before"
}

@test "two hundred entries show no path of the host (CVE-2016-9962)" {
	start one -- sh -c 'exec >/tmp/seen 2>/dev/null </dev/null
		while :; do
			ls -l /proc/[0-9]*/fd /proc/[0-9]*/cwd /proc/[0-9]*/root; cat /proc/[0-9]*/environ
		done'
	for _ in {1..200}; do
		ct exec one true </dev/null >/dev/null 2>&1
	done
	ct exec one cat /tmp/seen </dev/null | cat >"$BATS_TEST_TMPDIR/seen"
	[ -s "$BATS_TEST_TMPDIR/seen" ]
	run grep -aoE ".*/run/ctnet|/sys/fs/cgroup|.*$BATS_TEST_TMPDIR|BATS_|$(program)" "$BATS_TEST_TMPDIR/seen"
	equal "$(head -n 3 <<<"$output")" ""
}

@test "a later command starts in no descriptor of the host's (CVE-2024-21626)" {
	local n
	start one
	for n in {0..24}; do
		run ct exec --workdir "/proc/self/fd/$n" one pwd </
		[ "$status" = 125 ] || fail "entered in descriptor $n: $output"
		run ct exec --workdir "/proc/1/fd/$n" one pwd
		[ "$status" = 125 ] || fail "entered in a descriptor of process 1: $output"
	done
	# a working directory that is gone is said, and not made
	gives 125 in_box --workdir /nowhere true
	complains 'working directory /nowhere'
}

@test "the control groups cannot be written to, with or without a namespace of one's own (CVE-2023-25809)" {
	local option
	for option in "" --cap-add=SYS_ADMIN; do
		# shellcheck disable=SC2086 # an option or nothing
		denied in_box $option sh -c 'cd /sys/fs/cgroup || exit 1
			touch x; for d in . */; do touch $d/x && exit 0; mkdir $d/x && exit 0
			echo 1 >$d/cgroup.procs && exit 0; done; exit 1'
	done
}

@test "release_agent is out of reach (CVE-2022-0492)" {
	denied in_box sh -c 'mkdir /tmp/c && mount -t cgroup -o memory cgroup /tmp/c'
	denied in_box unshare -rC sh -c 'mkdir -p /tmp/c; mount -t cgroup -o memory cgroup /tmp/c'
	denied in_box --user 1000 unshare -UrC true
	gives 0 in_box sh -c 'find / -name release_agent 2>/dev/null | wc -l'
	equal "$output" 0
}

@test "keys cannot be pushed into the caller's terminal by a later command either (CVE-2017-5226)" {
	command -v perl >/dev/null || skip "perl is not installed"
	bg one ctrun --name one sleep 1000
	wait_for 10 is_running one
	gives 0 script -qec "ct exec --tty=no one perl -e '
		for my \$n (0x5412, 0x100005412, 0x541c, 0x10000541c) {
			print ioctl(STDIN, \$n, my \$c = \"x\") ? \"pushed\" : \"no: \$!\", \"\\n\" }'" /dev/null
	[[ $output != *pushed* ]] || fail "TIOCSTI worked"
	prints 'no: Operation not permitted'
}

@test "no abstract socket of ours is reachable through the host's network (CVE-2020-15257)" {
	start one --net host
	gives 0 in_box --net host cat /proc/net/unix
	! grep -qE '@.*(ct|ctnet|ctrun)' <<<"$output" || fail "an abstract socket: $output"
}

@test "groups that deny are not dropped by a user namespace (CVE-2014-8989)" {
	# a container's user makes none; who may gets setgroups denied first
	denied in_box --user 1000 unshare -U true
	denied in_box --user 1000 --seccomp unconfined sh -c 'unshare -Ur sh -c "echo allow >/proc/self/setgroups"'
	gives 0 in_box --user 1000 --seccomp unconfined unshare -Ur cat /proc/self/setgroups
	equal "$output" deny
}

@test "names that are paths are no names (crun 1.28)" {
	local name
	for name in ../x a/b "" . .. -x "$(printf '%0300d' 0)"; do
		run ctrun --name="$name" --rootfs "$ROOTFS" true
		[ "$status" = 125 ] || fail "accepted: $name"
		run ct exec "$name" true
		[ "$status" = 125 ] || fail "entered: $name"
	done
	equal "$(ls -A /run/ctnet/containers 2>/dev/null)" ""
}

@test "a namespace that cannot be made ends the start, and nothing is left (CVE-2026-43472)" {
	command -v strace >/dev/null || skip "strace is not installed"
	local call before
	before=$(grep -c . /proc/self/mountinfo)
	for call in unshare clone3; do
		run --separate-stderr timeout 20 strace -f -qqq -o /dev/null -e "inject=$call:error=ENOSPC" \
			ctrun --rootfs "$ROOTFS" sh -c 'echo ran'
		[ "$status" = 125 ] || fail "$call: status $status"
		equal "$output" ""
		equal "$(ls -A /run/ctnet/containers)" ""
	done
	equal "$(grep -c . /proc/self/mountinfo)" "$before"
	wait_for 5 not pgrep -x ct-guard
	gives 0 in_box true
}

@test "no file of the installed tree is setuid, setgid or has capabilities (CVE-2018-6556, CVE-2020-5291)" {
	local build
	build=$(dirname "$(dirname "$(program)")")
	[ -e "$build/cmake_install.cmake" ] || skip "not a build tree"
	DESTDIR=$BATS_TEST_TMPDIR/tree run cmake --install "$build"
	[ "$status" = 0 ] || skip "not all of it is built"
	gives 0 find "$BATS_TEST_TMPDIR/tree" -type f -perm /7000
	equal "$output" ""
	[ -n "$(find "$BATS_TEST_TMPDIR/tree" -name ct)" ]
	if command -v getcap >/dev/null; then
		gives 0 getcap -r "$BATS_TEST_TMPDIR/tree"
		equal "$output" ""
	fi
}
