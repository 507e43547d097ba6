#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who the command is and what it may: the five sets of capabilities, no_new_privs, users
# and groups, as /proc/self/status has them, for root, a user, and later commands.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	export NAMED=$BATS_TEST_TMPDIR/named
}

teardown()
{
	bg_end
	ctnet gc
}

# sets - prints "CapInh CapPrm CapEff CapBnd CapAmb" without leading zeros; of a later command when the
# first word is "exec"
sets()
{
	local in=in_box
	[ "$1" != exec ] || { in="ct exec" && shift; }
	# shellcheck disable=SC2086 # it is words
	$in "$@" awk '/^Cap/ { sub(/^0+/, "", $2); print $2 == "" ? 0 : $2 }' /proc/self/status |
		paste -sd ' '
}

# docker's default set
readonly D=a80425fb

@test "root has the set, a user has the bounding set alone" {
	equal "$(sets)" "0 $D $D $D 0"
	equal "$(sets --user 1000)" "0 0 0 $D 0"
	equal "$(sets --cap-add NET_ADMIN --cap-drop CHOWN)" "0 a80435fa a80435fa a80435fa 0"
	equal "$(sets --cap-add net_admin --cap-add cap_sys_time --user 1000)" "0 0 0 aa0435fb 0"
	start one --cap-add NET_ADMIN
	equal "$(sets exec one)" "0 a80435fb a80435fb a80435fb 0"
	equal "$(sets exec --user 1000 one)" "0 0 0 a80435fb 0"
}

@test "ALL, added and dropped, whichever way round" {
	local all last
	last=$(</proc/sys/kernel/cap_last_cap)
	all=$(printf %x $(((2 << last) - 1)))
	# what the runner lacks it cannot give
	local held
	held=$(awk '/^CapBnd/ { sub(/^0+/, "", $2); print $2 }' /proc/self/status)
	equal "$(sets --cap-add ALL | cut -d' ' -f4)" "$held"
	equal "$(sets --privileged | cut -d' ' -f1,4,5)" "0 $held 0"
	[ "${#all}" -ge "${#held}" ]
	equal "$(sets --cap-drop ALL)" "0 0 0 0 0"
	equal "$(sets --cap-drop ALL --cap-add CHOWN)" "0 1 1 1 0"
	equal "$(sets --cap-add CHOWN --cap-drop ALL)" "0 1 1 1 0"
	equal "$(sets --cap-drop CHOWN --cap-add ALL | cut -d' ' -f2)" \
		"$(printf %x $((0x$held & ~1)))"
}

@test "--cap-ambient: a user who is not root keeps them, through any exec" {
	equal "$(sets --cap-ambient NET_ADMIN --user 1000)" "1000 1000 1000 a80435fb 1000"
	equal "$(sets --cap-ambient NET_ADMIN)" "1000 a80435fb a80435fb a80435fb 1000"
	equal "$(sets --cap-drop ALL --cap-ambient CHOWN --user 1000)" "1 1 1 1 1"
	equal "$(sets --cap-drop ALL --cap-add KILL --cap-ambient ALL --user 1000)" "20 20 20 20 20"
	# what is dropped is not ambient either
	equal "$(sets --cap-ambient ALL --user 1000)" "$D $D $D $D $D"
	gives 0 in_box --cap-ambient NET_ADMIN --user 1000 ip link add br0 type bridge
	denied in_box --cap-add NET_ADMIN --user 1000 ip link add br0 type bridge
	start one --cap-ambient NET_ADMIN --user 1000
	equal "$(sets exec one)" "1000 1000 1000 a80435fb 1000"
	equal "$(sets exec --user 0 one)" "1000 a80435fb a80435fb a80435fb 1000"
}

@test "a caller's inheritable and ambient sets and securebits count for nothing (CVE-2022-27650)" {
	command -v capsh >/dev/null || skip "capsh is not installed"
	# shellcheck disable=SC2054 # one word
	local with=(capsh --inh=cap_chown,cap_net_raw --addamb=cap_chown --secbits=4 --)
	gives 0 "${with[@]}" -c "ctrun --rootfs '$ROOTFS' sh -c 'grep -E \"Cap[IA]\" /proc/self/status'"
	equal "$output" $'CapInh:\t0000000000000000\nCapAmb:\t0000000000000000'
	gives 0 "${with[@]}" -c "ctrun --rootfs '$ROOTFS' --user 1000 grep -E 'Prm|Eff' /proc/self/status"
	equal "$output" $'CapPrm:\t0000000000000000\nCapEff:\t0000000000000000'
	start one
	gives 0 "${with[@]}" -c "ct exec one sh -c 'grep -E \"Cap[IA]\" /proc/self/status'"
	equal "$output" $'CapInh:\t0000000000000000\nCapAmb:\t0000000000000000'
}

@test "unknown capabilities are refused, with a suggestion" {
	refuses 125 "unknown capability 'NET_ADMN'" in_box --cap-add NET_ADMN true
	complains 'NET_ADMIN'
	refuses 125 'unknown capability' in_box --cap-ambient '' true
	refuses 125 'hint: capabilities' in_box --cap-add WHATEVER_THIS_IS true
}

@test "no_new_privs, and without" {
	local option
	for option in "" --security-opt=no-new-privileges --security-opt=no-new-privileges:true \
		"--privileged --security-opt no-new-privileges"; do
		# shellcheck disable=SC2086 # options
		gives 0 in_box $option grep NoNewPrivs /proc/self/status
		equal "$output" $'NoNewPrivs:\t1'
	done
	for option in --security-opt=no-new-privileges:false --security-opt=no-new-privileges=no --privileged; do
		gives 0 in_box "$option" grep NoNewPrivs /proc/self/status
		equal "$output" $'NoNewPrivs:\t0'
	done
	# the filter is there all the same
	gives 0 in_box --security-opt no-new-privileges:false --user 1000 grep 'Seccomp:' /proc/self/status
	equal "$output" $'Seccomp:\t2'
	start one --security-opt no-new-privileges:false
	gives 0 ct exec one grep -E 'NoNewPrivs|Seccomp:' /proc/self/status
	equal "$output" $'NoNewPrivs:\t0\nSeccomp:\t2'
}

@test "--user by name, with the groups that list it" {
	cp -a "$ROOTFS" "$NAMED"
	printf 'root:x:0:0::/root:/bin/sh\nweb:x:33:34:web:/srv:/bin/sh\n' >"$NAMED/etc/passwd"
	printf 'root:x:0:\nweb:x:34:\nstaff:x:50:web\nadm:x:4:other,web\n' >"$NAMED/etc/group"
	in_named() { ctrun --rootfs "$NAMED" "$@"; }
	gives 0 in_named --user web sh -c 'id -u; id -g; id -G; echo $HOME'
	equal "$output" $'33\n34\n34 4 50\n/srv'
	gives 0 in_named --user web:adm sh -c 'id -u; id -G'
	equal "$output" $'33\n4'
	gives 0 in_named --user 7:staff id -g
	equal "$output" 50
	gives 0 in_named --user web --group-add 99 --group-add adm id -G
	equal "$output" '34 4 50 99'
	gives 0 in_named --user 33 id -G
	equal "$output" 0
	refuses 125 "user nobody" in_named --user nobody true
	refuses 125 "group none" in_named --user web:none true
	refuses 125 "group none" in_named --group-add none true
	# a volume brings the file
	printf 'web:x:44:45::/vol:/bin/sh\n' >"$BATS_TEST_TMPDIR/passwd"
	gives 0 in_named -v "$BATS_TEST_TMPDIR/passwd:/etc/passwd:ro" --user web sh -c 'id -u; echo $HOME'
	equal "$output" $'44\n/vol'
	bg one ctrun --name one --rootfs "$NAMED" --user web --group-add 99 sleep 1000
	wait_for 10 is_running one
	gives 0 ct exec one sh -c 'id -u; id -G'
	equal "$output" $'33\n34 4 50 99'
	gives 0 ct exec --user root one id -u
	equal "$output" 0
	gives 125 ct exec --user nobody one id
	complains 'user nobody'
}

@test "--user takes numbers strictly (CVE-2026-30892)" {
	local word
	start one
	gives 0 in_box --user 1 id -u
	equal "$output" 1
	gives 0 ct exec --user 1 one id -u
	equal "$output" 1
	for word in 1: :1 1x -1 +1 0x1 ' 1' 4294967295 4294967296 1:-1 1:2:3 ''; do
		refuses 125 'neither' in_box "--user=$word" id
		refuses 125 'neither' ct exec "--user=$word" one id
	done
}

@test "a terminal belongs to the user it is for" {
	gives 0 script -qec "ctrun -t --rootfs $ROOTFS --user user stat -c %u:%G /dev/pts/0" /dev/null
	prints '1000:'
}

@test "--env-file: as docker reads it" {
	printf '\xef\xbb\xbfA=1\r\n# comment\n  # another\n\n  B="x y" # z\nC=\nGIVEN\nABSENT\n\nX=a=b\nE= lead' \
		>"$BATS_TEST_TMPDIR/env"
	GIVEN=g run ctrun --rootfs "$ROOTFS" --env-file "$BATS_TEST_TMPDIR/env" sh -c \
		'echo "[$A][$B][$C][$GIVEN][${ABSENT-none}][$X][$E]"'
	equal "$output" '[1]["x y" # z][][g][none][a=b][ lead]'
	printf 'A=1\nB C=2\n' >"$BATS_TEST_TMPDIR/env"
	refuses 125 'env:2: .*blank' in_box --env-file "$BATS_TEST_TMPDIR/env" true
	printf '=1\n' >"$BATS_TEST_TMPDIR/env"
	refuses 125 'env:1' in_box --env-file "$BATS_TEST_TMPDIR/env" true
	printf 'A=1\0B=2\n' >"$BATS_TEST_TMPDIR/env"
	refuses 125 'byte 0' in_box --env-file "$BATS_TEST_TMPDIR/env" true
	refuses 125 'No such file' in_box --env-file /nowhere true
}

@test "--env-host passes the caller's on, and nothing does without" {
	FROM_HOST=yes run ctrun --rootfs "$ROOTFS" sh -c 'echo ${FROM_HOST-no}'
	equal "$output" no
	FROM_HOST=yes run ctrun --env-host --rootfs "$ROOTFS" sh -c 'echo ${FROM_HOST-no}'
	equal "$output" yes
	FROM_HOST=yes run ctrun --env-host --env FROM_HOST=mine --rootfs "$ROOTFS" sh -c 'echo $FROM_HOST'
	equal "$output" mine
}

@test "labels of security modules that the kernel lacks are refused, and say so" {
	if [ -e /sys/module/apparmor ] || [ -e /sys/fs/selinux ]; then
		skip "this kernel has one of the modules"
	fi
	refuses 125 'AppArmor is not active' in_box --security-opt apparmor=mine true
	complains 'hint: .*CONFIG_SECURITY_APPARMOR'
	refuses 125 'SELinux is not active.*system_u:system_r:mine_t:s0' in_box --security-opt label=type:mine_t true
	gives 0 in_box --security-opt apparmor=unconfined --security-opt label=disable true
	refuses 125 'want disable' in_box --security-opt label=colour:red true
}

# with_modules LIST ARG... - in_box where securityfs names these modules
with_modules()
{
	# shellcheck disable=SC2016
	unshare -m bash -c 'mount -t tmpfs tmpfs /sys/kernel/security &&
		echo "$1" >/sys/kernel/security/lsm && exec ctrun --rootfs "$ROOTFS" "${@:2}"' - "$@"
}

@test "a label that the kernel does not take ends the start, and the words of its list are whole" {
	local label=label=type:mine_t
	refuses 125 'set the AppArmor label ct-none: ' \
		with_modules capability,apparmor --security-opt apparmor=ct-none true
	complains 'hint: is it loaded\?'
	refuses 125 'set the SELinux label system_u:system_r:mine_t:s0: ' \
		with_modules selinux,capability --security-opt $label true
	refuses 125 'SELinux is not active' with_modules selinux2,apparmor --security-opt $label true
	refuses 125 'AppArmor is not active' with_modules selinux --security-opt apparmor=ct-none true
}

# Profiles are the machine's, of every container and host on it: only where it is a test's.
# bats test_tags=vm
@test "an AppArmor profile is the command's, and is enforced" {
	grep -qsx Y /sys/module/apparmor/parameters/enabled ||
		skip "this kernel has no AppArmor (CONFIG_SECURITY_APPARMOR)"
	[ -n "${CT_VM-}" ] || skip "profiles are loaded only where the machine is the test's own"
	command -v apparmor_parser >/dev/null || skip "needs apparmor_parser (apparmor)"
	mount -t securityfs securityfs /sys/kernel/security
	echo 'profile ct-test flags=(attach_disconnected) { file, deny /etc/passwd r, }' |
		apparmor_parser -rK
	gives 0 in_box --security-opt apparmor=ct-test cat /proc/self/attr/current /etc/group
	prints '^ct-test \(enforce\)'
	prints 'root:x:0'
	denied in_box --security-opt apparmor=ct-test cat /etc/passwd
	complains 'Permission denied'
	start one --security-opt apparmor=ct-test
	denied ct exec one cat /etc/passwd
	refuses 125 'AppArmor label ct-none.*No such file' in_box --security-opt apparmor=ct-none true
	complains 'hint: is it loaded'
	echo 'profile ct-test { }' | apparmor_parser -R
	umount /sys/kernel/security
}

@test "--security-opt: unknown words are refused, with a suggestion" {
	refuses 125 "unknown word 'no-new-privilege'" in_box --security-opt no-new-privilege true
	complains 'did you mean no-new-privileges'
	refuses 125 'seccomp needs a value' in_box --security-opt seccomp true
	refuses 125 'neither yes nor no' in_box --security-opt no-new-privileges=maybe true
	gives 0 in_box --security-opt seccomp=unconfined grep Seccomp: /proc/self/status
	equal "$output" $'Seccomp:\t0'
}

@test "--security-opt mask=, unmask=, systempaths=unconfined" {
	gives 0 in_box --security-opt mask=/etc/passwd wc -c /etc/passwd
	equal "$output" '0 /etc/passwd'
	denied in_box sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	gives 0 in_box --security-opt systempaths=unconfined --cap-add NET_ADMIN \
		sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	gives 0 in_box --security-opt unmask=/proc/timer_list sh -c '! [ -c /proc/timer_list ]'
	refuses 125 'want unconfined' in_box --security-opt systempaths=open true
}

@test "--privileged: all capabilities, no filter, nothing masked, /sys to be written" {
	gives 0 in_box --privileged sh -c 'grep -E "Seccomp:|NoNewPrivs" /proc/self/status
		awk "\$5 == \"/sys\" { print substr(\$6, 1, 2) }" /proc/self/mountinfo
		grep " /proc/" /proc/self/mountinfo; true'
	equal "$output" $'NoNewPrivs:\t0\nSeccomp:\t0\nrw'
	gives 0 in_box --privileged mount -t tmpfs tmpfs /tmp
	gives 0 in_box --privileged --security-opt seccomp=default grep Seccomp: /proc/self/status
	equal "$output" $'Seccomp:\t2'
	start one --privileged
	gives 0 ct exec one mount -t tmpfs tmpfs /tmp
}
