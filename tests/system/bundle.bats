#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# OCI bundles: config.json as umoci makes it, and as others write it.

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

# bundle FILTER - $BUNDLE: the busybox root file system and a config.json as
# `umoci unpack` leaves it, changed by a jq filter
bundle()
{
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	mkdir -p "$BUNDLE"
	[ -e "$BUNDLE/rootfs" ] || cp -a "$ROOTFS" "$BUNDLE/rootfs"
	jq "$1" >"$BUNDLE/config.json" <<'EOF'
{
	"ociVersion": "1.0.0",
	"process": {
		"terminal": false,
		"user": { "uid": 0, "gid": 0 },
		"args": ["sh"],
		"env": ["PATH=/usr/bin:/bin", "TERM=xterm"],
		"cwd": "/",
		"capabilities": {
			"bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
			"effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
			"inheritable": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
			"permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
			"ambient": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
		},
		"rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1000 }],
		"noNewPrivileges": true
	},
	"root": { "path": "rootfs" },
	"hostname": "umoci-default",
	"mounts": [
		{ "destination": "/proc", "type": "proc", "source": "proc" },
		{ "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
		  "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
		{ "destination": "/dev/pts", "type": "devpts", "source": "devpts",
		  "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
		{ "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
		  "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=1024k"] },
		{ "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
		  "options": ["nosuid", "noexec", "nodev"] },
		{ "destination": "/sys", "type": "sysfs", "source": "sysfs",
		  "options": ["nosuid", "noexec", "nodev", "ro"] },
		{ "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
		  "options": ["nosuid", "noexec", "nodev", "relatime", "ro"] }
	],
	"linux": {
		"resources": { "devices": [{ "allow": false, "access": "rwm" }] },
		"namespaces": [
			{ "type": "pid" }, { "type": "network" }, { "type": "ipc" },
			{ "type": "uts" }, { "type": "mount" }
		],
		"maskedPaths": ["/proc/kcore", "/proc/timer_list", "/sys/firmware"],
		"readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"]
	}
}
EOF
}

# in_bundle SCRIPT [OPTION...] - runs it there
in_bundle()
{
	local script=$1
	shift
	gives 0 ctrun --bundle "$BUNDLE" "$@" sh -c "$script"
}

@test "a bundle runs its own command, or the one given" {
	bundle '.process.args = ["sh", "-c", "hostname; pwd; ulimit -n; exit 7"] | .process.cwd = "/tmp"'
	gives 7 ctrun --bundle "$BUNDLE"
	equal "$output" $'umoci-default\n/tmp\n1000'
	gives 3 ctrun --bundle "$BUNDLE" sh -c 'exit 3'
	bundle 'del(.process.args)'
	refuses 125 'process.args' ctrun --bundle "$BUNDLE"
}

@test "umoci's own bundle runs" {
	command -v umoci >/dev/null || skip "umoci is not installed"
	cd "$BATS_TEST_TMPDIR"
	umoci init --layout image
	umoci new --image image:tag
	umoci unpack --image image:tag umoci
	cp -a "$ROOTFS/." umoci/rootfs/
	gives 0 ctrun --bundle umoci --tty=no sh -c 'echo here; hostname; cat /proc/self/status'
	prints '^here'
	prints 'umoci-default'
	prints 'CapBnd:.0000000020000420'
}

@test "capabilities are those of the bundle, and options change them" {
	bundle .
	in_bundle 'grep Cap /proc/self/status'
	prints 'CapBnd:.0000000020000420'
	prints 'CapEff:.0000000020000420'
	bundle '.process.user = {"uid": 1000, "gid": 1000}'
	in_bundle 'id -u; grep Cap /proc/self/status'
	prints '^1000'
	prints 'CapEff:.0000000020000420'
	prints 'CapAmb:.0000000020000420'
	bundle '.process.user = {"uid": 0, "gid": 0, "umask": 63, "additionalGids": [7, 9]}'
	in_bundle 'umask; id -G'
	equal "$output" $'0077\n0 7 9'
	bundle 'del(.process.capabilities)'
	in_bundle 'grep CapBnd /proc/self/status'
	prints 'CapBnd:.0000000000000000'
	in_bundle 'grep CapBnd /proc/self/status' --cap-add KILL
	prints 'CapBnd:.0000000000000020'
}

@test "its root is written through unless it is read-only" {
	bundle .
	in_bundle 'echo x >/kept'
	equal "$(cat "$BUNDLE/rootfs/kept")" x
	bundle '.root.readonly = true'
	denied ctrun --bundle "$BUNDLE" sh -c 'echo y >/kept'
	bundle .
	denied ctrun --read-only --bundle "$BUNDLE" sh -c 'echo y >/kept'
	equal "$(cat "$BUNDLE/rootfs/kept")" x
}

@test "mounts: binds relative to the bundle, tmpfs with options, the usual ones once" {
	mkdir -p "$BATS_TEST_TMPDIR/bundle/data"
	bundle '.mounts += [
		{"destination": "/data", "type": "bind", "source": "data", "options": ["rbind", "ro"]},
		{"destination": "/scratch", "type": "tmpfs", "source": "t",
		 "options": ["mode=700", "size=1m", "nr_inodes=16"]}]'
	in_bundle 'cat /proc/self/mountinfo; stat -c %a /scratch'
	prints ' /data ro,nosuid,nodev'
	prints ' /scratch rw,.* - tmpfs .*size=1024k,nr_inodes=16,mode=700'
	prints ' /dev/shm .*size=1024k'
	prints $'\n700'
	equal "$(grep -c ' /proc ' <<<"$output")" 1
	denied ctrun --bundle "$BUNDLE" touch /data/x
}

# bats test_tags=vm
@test "control groups are mounted where the bundle wants them, read-only" {
	bundle .
	in_bundle 'grep " /sys/fs/cgroup" /proc/self/mountinfo; find /sys/fs/cgroup -name tasks -o -name cgroup.procs'
	prints ' /sys/fs/cgroup[^ ]* ro,.* - (cgroup|cgroup2|tmpfs) '
	prints '(tasks|cgroup.procs)'
	denied ctrun --bundle "$BUNDLE" sh -c 'echo 0 >"$(find /sys/fs/cgroup -name cgroup.procs | head -n 1)"'
	denied ctrun --bundle "$BUNDLE" mkdir /sys/fs/cgroup/x
}

@test "masked and read-only paths are those of the bundle" {
	bundle '.linux.maskedPaths += ["/proc/version", "/etc/secret"] | .linux.readonlyPaths += ["/tmp"]'
	echo secret >"$BUNDLE/rootfs/etc/secret"
	in_bundle 'cat /proc/version /etc/secret | wc -c; touch /tmp/x 2>/dev/null || echo ro; touch /var/x && echo rw'
	equal "$output" $'0\nro\nrw'
}

# bats test_tags=vm
@test "limits are those of the bundle" {
	bundle '.linux.resources += {"memory": {"limit": 33554432}, "pids": {"limit": 30},
		"cpu": {"quota": 20000, "period": 100000}}'
	bg box ctrun --name box --bundle "$BUNDLE" sleep 1000
	wait_for 10 is_running box
	local group
	group=$(ct inspect box | jq -er '.[0].cgroup')
	equal "$(cat /sys/fs/cgroup/memory/"$group"/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/"$group"/memory.max)" 33554432
	equal "$(cat /sys/fs/cgroup/pids/"$group"/pids.max 2>/dev/null || cat /sys/fs/cgroup/"$group"/pids.max)" 30
	kill "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
}

# bats test_tags=vm
@test "its devices are made, and nothing else may be opened" {
	bundle '.linux.devices = [{"path": "/dev/full2", "type": "c", "major": 1, "minor": 7, "fileMode": 438}] |
		.linux.resources.devices += [{"allow": true, "type": "c", "major": 1, "minor": 7, "access": "rw"}]'
	in_bundle 'ls -l /dev/full2; echo x >/dev/full2' || true
	gives 0 ctrun --bundle "$BUNDLE" sh -c 'stat -c "%t:%T %a" /dev/full2; cat /dev/null; head -c 3 /dev/full2 | wc -c'
	equal "$output" $'1:7 666\n3'
}

@test "sysctls, environment and namespaces" {
	bundle '.linux.sysctl = {"net.ipv4.ping_group_range": "7 9"} | .process.env += ["A=b c"] |
		.linux.namespaces |= map(select(.type != "uts")) | del(.hostname)'
	in_bundle 'cat /proc/sys/net/ipv4/ping_group_range; echo "$A"; readlink /proc/self/ns/uts'
	equal "${lines[0]}" $'7\t9'
	equal "${lines[1]}" 'b c'
	equal "${lines[2]}" "$(readlink /proc/self/ns/uts)"
}

@test "a user namespace with maps" {
	bundle '.linux.namespaces += [{"type": "user"}] | .root.readonly = true |
		.linux.uidMappings = [{"containerID": 0, "hostID": 300000, "size": 65536}] |
		.linux.gidMappings = [{"containerID": 0, "hostID": 400000, "size": 65536}]'
	in_bundle 'cat /proc/self/uid_map /proc/self/gid_map; id -u'
	prints '0 +300000 +65536'
	prints '0 +400000 +65536'
	prints $'\n0$'
}

@test "a joined namespace must be of its type" {
	bundle '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/net" else . end)'
	in_bundle 'readlink /proc/self/ns/net'
	equal "$output" "$(readlink /proc/self/ns/net)"
	bundle '.linux.namespaces |= map(if .type == "ipc" then .path = "/proc/self/ns/net" else . end)'
	refuses 125 'namespaces.*ipc' ctrun --bundle "$BUNDLE" true
}

@test "with --net it is on our networks" {
	ctnet create bridge0
	bundle .
	in_bundle 'ip -o addr show eth0; ping -c 1 -W 5 "$(ip route | sed -n "s/default via \([^ ]*\).*/\1/p")"' --net bridge0 --cap-add NET_RAW
	prints 'inet 10\.'
	prints '1 packets received'
	ctnet rm bridge0
}

@test "the bundle's filter is the filter" {
	bundle '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
		"syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}'
	run --separate-stderr ctrun --bundle "$BUNDLE" mkdir /tmp/x
	complains 'not supported'
	[ "$status" = 1 ]
	in_bundle 'grep Seccomp: /proc/self/status'
	prints 2
}

@test "what is not supported is refused by name" {
	local filter member
	while IFS='|' read -r member filter; do
		bundle "$filter"
		refuses 125 "config.json: $member" ctrun --bundle "$BUNDLE" true
	done <<'EOF'
hooks|.hooks = {"prestart": [{"path": "/bin/true"}]}
linux.intelRdt|.linux.intelRdt = {"closID": "x"}
linux.cgroupsPath|.linux.cgroupsPath = "/x"
linux.resources.rdma|.linux.resources.rdma = {"mlx5_1": {"hcaHandles": 3}}
process.scheduler|.process.scheduler = {"policy": "SCHED_FIFO"}
mounts\[7\]|.mounts += [{"destination": "/x", "type": "ext4", "source": "/dev/sda"}]
EOF
	echo '{' >"$BUNDLE/config.json"
	refuses 125 'config.json:2:' ctrun --bundle "$BUNDLE" true
	rm "$BUNDLE/config.json"
	refuses 125 'config.json: No such file' ctrun --bundle "$BUNDLE" true
}
