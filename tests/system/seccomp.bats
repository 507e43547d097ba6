#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# System call profiles in JSON: what they do to a command, what it costs, and
# what is refused. Which program comes of which rule is the unit test's.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	export P=$BATS_TEST_TMPDIR/profile.json
	cat >"$P" <<'JSON'
{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [
		{ "names": [ "mkdir", "mkdirat" ], "action": "SCMP_ACT_ERRNO", "errnoRet": 28 },
		{ "names": [ "sync" ], "action": "SCMP_ACT_KILL_PROCESS" },
		{ "names": [ "nice", "setpriority" ], "action": "SCMP_ACT_ERRNO",
		  "excludes": { "caps": [ "CAP_SYS_NICE" ] } },
		{ "names": [ "dup2", "dup3" ], "action": "SCMP_ACT_ERRNO", "errnoRet": 24,
		  "args": [ { "index": 1, "value": 77, "op": "SCMP_CMP_EQ" } ] }
	]
}
JSON
	rm -rf /run/ctnet/cache
}

teardown()
{
	bg_end
	ctnet gc
}

with()
{
	in_box --seccomp "$P" "$@"
}

# The one file of the cache, with what changes when it is written
cached()
{
	stat -c '%n %i %Y %a' /run/ctnet/cache/seccomp/*
}

@test "a profile's verdicts: errors, death, arguments, conditions" {
	denied with mkdir /tmp/x
	complains 'No space left'
	gives 159 with sync # 128 + SIGSYS
	denied with sh -c 'exec 76<&0; echo first; exec 77<&0'
	equal "$output" first
	complains 'Too many open files'
	denied with renice -n 1 1
	gives 0 with --cap-add SYS_NICE renice -n 1 1
	gives 0 in_box --security-opt "seccomp=$P" grep -E 'Seccomp:|NoNewPrivs' /proc/self/status
	equal "$output" $'NoNewPrivs:\t1\nSeccomp:\t2'
	# ours is not there beside it
	gives 0 with unshare -U true
}

@test "a later command has the same" {
	start one --seccomp "$P"
	denied ct exec one mkdir /tmp/x
	complains 'No space left'
	gives 159 ct exec one sync
	equal "$(stat -c %a /run/ctnet/files/*/seccomp)" 600
	# never without: what cannot be read ends the command before it starts
	truncate -s 40 /run/ctnet/files/*/seccomp
	gives 125 ct exec one true
	complains 'system call filter'
	rm /run/ctnet/files/*/seccomp
	gives 125 ct exec one true
}

@test "it is compiled once" {
	gives 0 with --trace true
	complains 'compile a system call profile'
	local first
	first=$(cached)
	prints '' # nothing of it on stdout
	gives 0 with --trace true
	[[ $stderr != *"compile a system call profile"* ]] || fail "compiled again"
	equal "$(cached)" "$first"
	[[ $first == *' 600' ]] || fail "mode: $first"
	# other capabilities are another program; another profile too
	gives 0 with --trace --cap-drop CHOWN true
	complains 'compile a system call profile'
	echo >>"$P"
	gives 0 with --trace true
	complains 'compile a system call profile'
}

@test "a damaged cache is noticed and made anew" {
	gives 0 with true
	local file
	file=$(echo /run/ctnet/cache/seccomp/*)
	printf 'x' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 3)) conv=notrunc status=none
	gives 0 with --trace true
	complains 'compile a system call profile'
	gives 0 with --trace true
	[[ $stderr != *"compile a system call profile"* ]] || fail "not kept"
	: >"$file"
	denied with mkdir /tmp/x
	rm -r /run/ctnet/cache
	: >/run/ctnet/cache # no place for one
	denied with mkdir /tmp/x
	complains 'No space left'
	rm /run/ctnet/cache
}

@test "signals to pid 1 are carried out under a profile too, unless it refuses them" {
	gives 137 with sh -c 'kill -9 $$'
	gives 143 with sh -c 'kill -TERM $$; sleep 10'
	cat >"$P" <<'JSON'
{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "kill", "tkill", "tgkill" ],
  "action": "SCMP_ACT_ERRNO" } ] }
JSON
	gives 0 with sh -c 'kill -9 $$ 2>/dev/null; echo alive'
	equal "$output" alive
}

@test "without no_new_privs the profile holds before the privileges go" {
	gives 0 with --security-opt no-new-privileges:false --user 1000 grep -E 'Seccomp:|CapEff|NoNew' /proc/self/status
	equal "$output" $'CapEff:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t2'
	denied with --privileged mkdir /tmp/x
	complains 'No space left'
}

@test "what is wrong in a profile is named" {
	local json says
	while IFS='~' read -r json says; do
		printf '%s' "$json" >"$P"
		refuses 125 "$P: .*$says" with true
	done <<'TABLE'
{ "defaultAction": "SCMP_ACT_ALLOW" ~line 1
{ "default_action": "SCMP_ACT_ALLOW" }~unknown key 'default_action'
{ "defaultAction": "SCMP_ACT_PERMIT" }~unknown word 'SCMP_ACT_PERMIT'
{ "defaultAction": "SCMP_ACT_NOTIFY" }~listener
{ "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x" }~listenerPath
{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ { "names": [ "read" ], "action": "SCMP_ACT_ERRNO", "args": [ { "index": 9, "op": "SCMP_CMP_EQ" } ] } ] }~syscalls.0.: index is out of range
[]~not an object
TABLE
	refuses 125 'No such file' in_box --seccomp /nowhere/x.json true
	refuses 125 '--seccomp' in_box --seccomp '' true
}

@test "default and unconfined" {
	gives 0 in_box --seccomp default grep Seccomp: /proc/self/status
	equal "$output" $'Seccomp:\t2'
	denied in_box --seccomp default unshare -U true
	gives 0 in_box --seccomp unconfined unshare -U true
	[ ! -e /run/ctnet/cache/seccomp ] || fail "compiled for nothing"
}
