#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a container is from inside: who it is, what it sees, what it may, how
# much it gets.

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

@test "the command is pid 1 and sees only its own" {
	gives 0 in_box sh -c 'echo $$; ls -d /proc/[0-9]* | wc -l'
	equal "${lines[0]}" 1
	[ "${lines[1]}" -le 3 ] || fail "too many processes"
	gives 0 ctrun --rootfs "$ROOTFS" readlink /proc/self/exe
	equal "$output" /bin/busybox
}

@test "its hostname is its own: the name, the id, or --hostname" {
	gives 0 in_box --name box hostname
	equal "$output" box
	gives 0 in_box hostname
	prints '^[0-9a-f]{12}$'
	gives 0 in_box --hostname other hostname
	equal "$output" other
	equal "$(hostname)" sandbox
}

@test "every namespace is its own" {
	local ns
	for ns in mnt pid uts ipc net cgroup; do
		gives 0 in_box readlink "/proc/self/ns/$ns"
		[ "$output" != "$(readlink "/proc/self/ns/$ns")" ] || fail "$ns is the host's"
	done
}

# bats test_tags=vm
@test "capabilities, no_new_privs, seccomp" {
	gives 0 in_box cat /proc/self/status
	# docker's set: capabilities(7) numbers as bits
	prints 'CapEff:[[:space:]]00000000a80425fb'
	prints 'CapPrm:[[:space:]]00000000a80425fb'
	prints 'CapBnd:[[:space:]]00000000a80425fb'
	prints 'CapInh:[[:space:]]0000000000000000'
	prints 'CapAmb:[[:space:]]0000000000000000'
	prints 'NoNewPrivs:[[:space:]]1'
	prints 'Seccomp:[[:space:]]2'
	gives 0 in_box --user 1000 cat /proc/self/status
	prints 'CapEff:[[:space:]]0000000000000000'
	prints 'CapBnd:[[:space:]]00000000a80425fb'
	prints 'Groups:[[:space:]]*'$'\n'
	gives 0 in_box --cap-drop ALL --cap-add NET_ADMIN cat /proc/self/status
	prints 'CapEff:[[:space:]]0000000000001000'
	gives 0 in_box --seccomp unconfined cat /proc/self/status
	prints 'Seccomp:[[:space:]]0'
	start one
	gives 0 ct exec one cat /proc/self/status
	prints 'CapEff:[[:space:]]00000000a80425fb'
	prints 'CapInh:[[:space:]]0000000000000000'
	prints 'NoNewPrivs:[[:space:]]1'
	prints 'Seccomp:[[:space:]]2'
}

# bats test_tags=vm
@test "what the filter and the capabilities refuse" {
	denied in_box mount -t tmpfs tmpfs /mnt
	denied in_box unshare -U true
	denied in_box hostname other
	denied in_box sh -c 'echo 1 >/proc/sys/kernel/printk'
	denied in_box sh -c 'echo b >/proc/sysrq-trigger'
	denied in_box ip link add dummy0 type bridge
	run --separate-stderr in_box date -s 2000-01-01
	complains 'not permitted'
	gives 0 in_box --cap-add NET_ADMIN ip link add br0 type bridge
	gives 0 in_box --privileged mount -t tmpfs tmpfs /tmp
}

@test "no descriptor of the host's is inherited" {
	exec 47</etc/passwd 48<"$BATS_TEST_TMPDIR"
	gives 0 in_box sh -c 'ls -l /proc/self/fd'
	exec 47<&- 48<&-
	! [[ $output =~ (47|48)\ - ]] || fail "inherited"
	! [[ $output =~ /run/ctnet|/sys/fs/cgroup ]] || fail "one of the runner's"
	# 0, 1, 2, and the directory that ls itself has open
	[ "$(grep -c -- '->' <<<"$output")" -le 4 ]
	start one
	gives 0 ct exec one sh -c 'ls -l /proc/1/fd /proc/self/fd'
	! [[ $output =~ /run/ctnet|/sys/fs/cgroup|socket: ]] || fail "one of the runner's"
}

@test "no way back: the old root is nowhere" {
	local options
	for options in "--rootfs $ROOTFS" "" "--read-only --rootfs $ROOTFS"; do
		# shellcheck disable=SC2086 # it is words
		gives 0 ctrun $options sh -c '[ "$(ls -A /../..)" = "$(ls -A /)" ] && cat /proc/self/mountinfo'
		equal "$(awk '$5 == "/"' <<<"$output" | wc -l)" 1
		! [[ $output =~ /sys/fs/cgroup/|/run/sandbox ]] || fail "mounts of the host: $output"
	done
}

@test "what it writes does not reach the root it came from" {
	gives 0 in_box sh -c 'echo x >/etc/new && echo y >>/etc/passwd && rm /etc/group && mkdir /srv &&
		cat /etc/new && ! ls /etc/group'
	[ ! -e "$ROOTFS/etc/new" ]
	[ -e "$ROOTFS/etc/group" ]
	[ ! -e "$ROOTFS/srv" ]
	run ! grep -q "y$" "$ROOTFS/etc/passwd"
	gives 0 in_box ls /etc/group
	equal "$(find "$ROOTFS" -newer "$ROOTFS/etc/group" -type f)" ""
}

@test "the host's own root, copy-on-write, with its secrets hidden" {
	echo secret >/root/.ctnet-test 2>/dev/null || skip "/root cannot be written"
	gives 0 ctrun sh -c 'cat /etc/os-release; ls -A /root /home /tmp /run | grep -v :; touch /usr/x'
	prints 'Debian|ID='
	! [[ $output =~ ctnet-test ]] || fail "/root is shown"
	[ ! -e /usr/x ]
	denied ctrun cat /etc/shadow
	gives 0 ctrun sh -c 'echo x >/etc/ctnet-test && cat /etc/ctnet-test'
	[ ! -e /etc/ctnet-test ]
	gives 0 ctrun --host-root all cat /root/.ctnet-test
	equal "$output" secret
	rm /root/.ctnet-test
}

@test "--read-only, --rootfs-rw, --upper, layers" {
	denied in_box --read-only touch /new
	complains 'Read-only'
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/rw"
	gives 0 ctrun --rootfs "$BATS_TEST_TMPDIR/rw" --rootfs-rw sh -c 'echo through >/new'
	equal "$(cat "$BATS_TEST_TMPDIR/rw/new")" through
	mkdir "$BATS_TEST_TMPDIR/upper" "$BATS_TEST_TMPDIR/top"
	gives 0 in_box --upper "$BATS_TEST_TMPDIR/upper" sh -c 'echo kept >/kept'
	gives 0 in_box --upper "$BATS_TEST_TMPDIR/upper" cat /kept
	equal "$output" kept
	[ ! -e "$ROOTFS/kept" ]
	echo above >"$BATS_TEST_TMPDIR/top/layer"
	gives 0 ctrun --rootfs "$BATS_TEST_TMPDIR/top:$ROOTFS" cat /layer
	equal "$output" above
	rm -rf "$BATS_TEST_TMPDIR/upper" "$BATS_TEST_TMPDIR/rw"
}

@test "--upper-size limits what may be written" {
	denied in_box --upper-size 4M dd if=/dev/zero of=/big bs=1M count=8
	complains 'No space'
}

@test "volumes: read and write, ro, a file, tmpfs; paths that lead out do not" {
	mkdir "$BATS_TEST_TMPDIR/v"
	echo one >"$BATS_TEST_TMPDIR/v/f"
	gives 0 in_box -v "$BATS_TEST_TMPDIR/v:/data" sh -c 'cat /data/f; echo two >/data/g'
	equal "$output" one
	equal "$(cat "$BATS_TEST_TMPDIR/v/g")" two
	denied in_box -v "$BATS_TEST_TMPDIR/v:/data:ro" touch /data/h
	gives 0 in_box -v "$BATS_TEST_TMPDIR/v/f:/etc/one:ro" cat /etc/one
	equal "$output" one
	gives 0 in_box --tmpfs /data:size=1M,mode=700 sh -c 'stat -c %a /data; df /data | tail -n 1'
	equal "${lines[0]}" 700
	prints 1024
	# CVE-2015-1335: a mount point that is a link out of the root
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/evil"
	mkdir "$BATS_TEST_TMPDIR/victim"
	ln -s "$BATS_TEST_TMPDIR/victim" "$BATS_TEST_TMPDIR/evil/opt"
	run ctrun --rootfs "$BATS_TEST_TMPDIR/evil" -v "$BATS_TEST_TMPDIR/v:/opt/x" true
	equal "$(ls -A "$BATS_TEST_TMPDIR/victim")" ""
	refuses 125 'proc' in_box -v "$BATS_TEST_TMPDIR/v:/proc" true
}

@test "a root whose /proc, /sys or /dev leads elsewhere is refused, the host untouched" {
	local dir
	mkdir "$BATS_TEST_TMPDIR/outside"
	for dir in proc sys dev; do
		cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/evil"
		rmdir "$BATS_TEST_TMPDIR/evil/$dir"
		ln -s "$BATS_TEST_TMPDIR/outside" "$BATS_TEST_TMPDIR/evil/$dir"
		refuses 125 "$dir" ctrun --rootfs "$BATS_TEST_TMPDIR/evil" true
		ln -sfn tmp "$BATS_TEST_TMPDIR/evil/$dir"
		refuses 125 "$dir" ctrun --rootfs "$BATS_TEST_TMPDIR/evil" true
		rm -rf "$BATS_TEST_TMPDIR/evil"
	done
	equal "$(ls -A "$BATS_TEST_TMPDIR/outside")" ""
}

@test "files we provide are never written into the root" {
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/evil"
	echo untouched >"$BATS_TEST_TMPDIR/victim"
	ln -s "$BATS_TEST_TMPDIR/victim" "$BATS_TEST_TMPDIR/evil/etc/resolv.conf"
	ln -s "$BATS_TEST_TMPDIR/victim" "$BATS_TEST_TMPDIR/evil/etc/hosts"
	run ctrun --rootfs "$BATS_TEST_TMPDIR/evil" --dns 192.0.2.1 sh -c 'echo x >/etc/hosts'
	equal "$(cat "$BATS_TEST_TMPDIR/victim")" untouched
}

@test "/dev: the usual nodes and no more, a pts and a shm of its own" {
	gives 0 in_box sh -c 'for n in null zero full random urandom tty; do [ -c /dev/$n ] || echo no $n; done
		[ -L /dev/fd ] && [ -L /dev/stdin ] && [ -d /dev/pts ] && [ -d /dev/shm ] && ls -A /dev/pts;
		echo x >/dev/null && head -c 4 /dev/zero | wc -c; find /dev -type b'
	equal "$output" $'ptmx\n4'
	# CAP_MKNOD is docker's default: what counts is that no node it makes opens.
	denied in_box sh -c 'mknod /tmp/sda b 8 0; mknod /dev/sda b 8 0; cat /tmp/sda || cat /dev/sda'
}

# bats test_tags=vm
@test "/proc and /sys: masked and read-only where they show the host" {
	gives 0 in_box sh -c 'cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c'
	equal "$output" 0
	denied in_box sh -c 'echo x >/sys/kernel/uevent_seqnum'
	denied in_box sh -c 'echo core >/proc/sys/kernel/core_pattern'
	denied in_box touch /sys/fs/cgroup/x
	gives 0 in_box sh -c 'echo 1 >/proc/self/oom_score_adj && ls /sys/class/net'
	equal "$output" lo
}

@test "orphans are ended with the command; a zombie of pid 1's is its own affair" {
	gives 0 in_box sh -c '(setsid sleep 1000 &) ; (sleep 1001 &); true'
	wait_for 5 eval '! pgrep -f "^sleep 100[01]"'
}

# bats test_tags=vm
@test "a fork bomb under --pids 20 is contained" {
	# Only builtins once it is full: an outer shell counts what an inner one made.
	gives 0 in_box --pids 20 sh -c 'sh -c "n=0; while [ \$n -lt 40 ]; do sleep 5 & n=\$((n + 1)); done"
		set -- /proc/[0-9]*; echo $#'
	complains 'fork'
	[ "$output" -le 20 ] && [ "$output" -ge 15 ] || fail "not as many as may be"
	# exec: a shell that may not fork any more ends, and the container with it
	bg bomb ctrun --name bomb --pids 20 --rootfs "$ROOTFS" sh -c 'b() { b | b & }; b; exec sleep 1000'
	wait_for 10 is_running bomb
	# The host is well meanwhile, and the bomb goes out with one signal.
	gives 0 in_box true
	kill -KILL "$bg_pid"
	wait_for 10 eval '! pgrep -f "b() { b"'
}

# bats test_tags=vm
@test "an allocation over --memory is ended, and only that one" {
	gives 0 in_box --memory 32M sh -c 'head -c 1000 /dev/zero | tail -c 1 | wc -c'
	equal "$output" 1
	# tail keeps what it may have to print: it grows to the size of the line
	run in_box --memory 32M sh -c 'head -c 200000000 /dev/zero | tail -c 150000000 | wc -c; echo alive'
	[ "${lines[0]}" != 150000000 ] || fail "not limited"
}

@test "--cpus 0.2 holds within 10 %" {
	start busy --cpus 0.2 -- sh -c 'while :; do :; done'
	local pid try before after start end share
	pid=$(ct ps -j | jq -r '.[0].pid')
	# The first period may be used at once: measure from the second on.
	ticks_pass "$pid" 10
	# never more; and as much as that as soon as the machine has it to give
	for try in 1 2 3 4; do
		start=$(date +%s%N)
		before=$(cpu_ticks "$pid")
		ticks_pass "$pid" 100
		after=$(cpu_ticks "$pid")
		end=$(date +%s%N)
		# ticks of 10 ms per 5 s of wall clock, in thousandths of a CPU
		share=$(((after - before) * 10000000 * 1000 / (end - start)))
		echo "share $try: $share thousandths" >&2
		[ "$share" -le 220 ]
		[ "$share" -lt 180 ] || break
	done
	[ "$share" -ge 180 ]
}

cpu_ticks()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

# ticks_pass PID N - until it has used N ticks more
ticks_pass()
{
	local goal=$(($(cpu_ticks "$1") + $2))
	wait_for 30 eval "[ \$(cpu_ticks $1) -ge $goal ]"
}

@test "--ulimit" {
	gives 0 in_box --ulimit nofile=123 sh -c 'ulimit -n'
	equal "$output" 123
	refuses 125 'nofil' in_box --ulimit nofil=1 true
}

# bats test_tags=vm
@test "limits show in the cgroup, and the container sees its own as /" {
	start one --memory 64M --pids 20 --cpus 0.5
	gives 0 ct exec one cat /proc/self/cgroup
	! [[ $output =~ $CT_CGROUP_PARENT ]] || fail "the host's path is shown"
	gives 0 find /sys/fs/cgroup -path "*/$CT_CGROUP_PARENT/ctnet/*" \( -name pids.max -o -name memory.max -o \
		-name memory.limit_in_bytes \) -exec cat {} +
	prints '(^|'$'\n'')20'
	prints '67108864'
}
