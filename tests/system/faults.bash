# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Each system call of a command fails once, and each is once its last: tests/faults/nth
# names them and does it. Load lib and kill first.
#
# CT_FAULTS says which points: "all", K/N (every Nth, beginning with the Kth), names of
# points (0.1:17), or those of which is told what matches (/ct-guard write/). Unset: as
# many as an everyday run has time for, spread evenly.
# FAULTS_FROM: a process (a regex) of whose first point on they are tried.

# The sanitized are slow.
readonly FAULTS_EVERYDAY=${FAULTS_EVERYDAY:-$((12 / (1 + ${CT_SANITIZED:-0})))}

setup_file()
{
	make_rootfs
	make_probe
}

setup()
{
	NTH=${CT_BINDIR%/*}/faults/nth
	[ -x "$NTH" ] || skip "nth is not built: it is for x86_64"
	export NTH
	: >"$BATS_TEST_TMPDIR/bad"
}

teardown()
{
	bg_end
	remove_containers
	remove_networks
	wait_for 10 eval 'ctnet gc && ! ps -C ct-guard,ct-monitor -o comm= | grep .'
}

# make_probe - /probe in $ROOTFS, which prints what a container sees of itself, apart
# from what is different each time
make_probe()
{
	cat >"$ROOTFS/probe" <<-'END'
		#!/bin/sh
		cut -d' ' -f 4-6,8- /proc/self/mountinfo | sort
		grep -E 'Cap|Seccomp:|NoNew|Groups|Uid|Gid' /proc/self/status
		cat /proc/self/limits /proc/self/oom_score_adj /proc/self/cgroup
		for ns in /proc/self/ns/*; do readlink "$ns" >/dev/null && echo "$ns"; done
		hostname
		ip -o addr | grep -v fe80: | sed 's/@if[0-9]*//'
		ip route; ip -6 route | grep -v 'fe80:\|ff00:'
		cat /etc/hosts /etc/resolv.conf
		ls -ln /dev /dev/pts /etc | cut -c 1-40
		ls /proc/self/fd | grep -vx 3
		env | sort
		grep . /proc/sys/net/ipv4/ip_* /proc/sys/net/ipv4/conf/*/rp_filter
		END
	chmod 755 "$ROOTFS/probe"
}

# same_each_time - a filter for output and for state: ids, pids, times
same_each_time()
{
	sed -E 's/[0-9a-f]{12,}/ID/g; s/(lowerdir|upperdir|workdir)[^ ,]*/\1/g
		s|(/ports/ID/)[0-9.]+$|\1PORT|'
}

# faults_world - what is compared: processes of ours, mounts, links, rules, control groups,
# files. Hardly a program is run for it, since it is asked some thousand times.
faults_world()
{
	local file comm rest
	for file in /proc/[0-9]*/comm; do
		read -r comm <"$file" || continue
		# who forgets connections is soon done
		[[ $comm != ct* && $comm != sleep || $comm == ct-flows ]] || echo "process $comm"
	done 2>/dev/null | sort
	while read -r _ _ _ rest; do
		echo "mount $rest"
	done </proc/self/mountinfo
	while IFS=: read -r comm rest; do
		[[ -z $rest ]] || echo "link $comm"
	done </proc/net/dev
	echo "IPv4 forwarding $(</proc/sys/net/ipv4/ip_forward)"
	echo "IPv6 forwarding $(</proc/sys/net/ipv6/conf/all/forwarding)"
	nft -s list ruleset
	find /sys/fs/cgroup/"$CT_CGROUP_PARENT" /sys/fs/cgroup/*/"$CT_CGROUP_PARENT" \
		/run/ctnet /etc/ctnet /run/sysctl.d /var/cache/ctnet "$BATS_TEST_TMPDIR/made" \
		\( -name lock -o -name .lock -o -name generation -o -name .generation \
		-o -name .forward -o -name spare -o -name .count -o -path '/run/sysctl.d/.tmp.*' \
		-o -path '*/cursor/*' -o -path '*/drain/*' \) -prune -o \
		\( ! -type d -o -path "*/$CT_CGROUP_PARENT/ctnet/*" \) \
		! -path '/sys/*/*.*' ! -name tasks ! -name notify_on_release -print 2>/dev/null |
		same_each_time | sort
}

same_faults_world()
{
	[ "$(faults_world)" = "$1" ]
}

swept_faults_world()
{
	ctnet gc && same_faults_world "$1"
}

# bad WORD... - noted; the next point is tried all the same
bad()
{
	printf '%s\n' "$*" | tee -a ${CT_FAULTS_LOG:+"$CT_FAULTS_LOG"} >>"$BATS_TEST_TMPDIR/bad"
}

# gone_back AT COMMAND... - the world is $before again, or that is noted, and all is begun
# anew, lest one leftover be told of each point that follows
gone_back()
{
	local at=$1
	shift
	same_faults_world "$before" || wait_for 5 swept_faults_world "$before" 2>/dev/null && return
	bad "$at: left:" "$(diff <(echo "$before") <(faults_world))"
	worlds "$@"
}

# worlds COMMAND... - $before, $after and $seen: the world without COMMAND's work and with
# it, and its output
worlds()
{
	"$begin"
	plain "$@"
	"$end"
	ctnet gc
	before=$(faults_world)
	"$begin"
	plain "$@"
	seen=$(same_each_time <"$BATS_TEST_TMPDIR/out")
	after=$(done_world)
	"$end"
	ctnet gc
}

# done_world - without links of containers and their leases, which outlive those for a moment
done_world()
{
	faults_world | grep -v '^link ve\|/leases/'
}

same_done_world()
{
	[ "$(done_world)" = "$1" ]
}

# chosen FILE - of its points those that CT_FAULTS says, a line each
chosen()
{
	local total every
	total=$(wc -l <"$1")
	case ${CT_FAULTS-} in
	all) cat "$1" ;;
	/*/) grep -E "$(echo "$CT_FAULTS" | cut -d/ -f2)" "$1" ;;
	*:*) grep -E "^(${CT_FAULTS// /|}) " "$1" ;;
	*/*) sed -n "${CT_FAULTS%/*}~${CT_FAULTS#*/}p" "$1" ;;
	*)
		every=$(((total + FAULTS_EVERYDAY - 1) / FAULTS_EVERYDAY))
		sed -n "$(((every + 1) / 2))~${every}p" "$1"
		;;
	esac
}

# nth_of POINT-OR-MODE... - with the time and the file of its report
nth_of()
{
	"$NTH" -t 20 -o "$BATS_TEST_TMPDIR/told" "$@" >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" </dev/null 3>&-
}

# plain COMMAND... - nothing fails
plain()
{
	"$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null 3>&-
}

# what_failed_is_told AT STATUS - on failure one error that says something, else none
what_failed_is_told()
{
	local at=$1 err=$BATS_TEST_TMPDIR/err lines
	lines=$(grep -vc '^hint: \|: note: \|: warning: ' "$err" || true)
	! grep -q 'Sanitizer\|runtime error\|core dumped' "$err" || bad "$at: $(cat "$err")"
	[ "$lines" = $(($2 != 0)) ] || bad "$at: status $2, $lines lines of error: $(cat "$err")"
	! grep -q ': Success$\|: $' "$err" || bad "$at: says nothing: $(cat "$err")"
}

# points_of COMMAND... - runs it without a fault, for its worlds and its points
points_of()
{
	"$begin"
	plain "$@" || fail "without a fault: $(cat "$BATS_TEST_TMPDIR/err")"
	"$end"
	worlds "$@"
	wait_for 5 swept_faults_world "$before" || fail "without a fault:" \
		"$(diff <(echo "$before") <(faults_world))"
	"$begin"
	nth_of "${NTH_WAIT[@]}" list "$@" || fail "as it is listed: $(cat "$BATS_TEST_TMPDIR/err")"
	"$end"
	# what AddressSanitizer asks for by way of the C library it cannot do without
	sed "/^${CT_SANITIZED:+0:[0-9] [^ ]* prlimit64 0x0}$/d" "$BATS_TEST_TMPDIR/told" \
		>"$BATS_TEST_TMPDIR/points"
	[ -z "${FAULTS_FROM-}" ] || sed -ni "/^${FAULTS_FROM}[.:]/,\$p" "$BATS_TEST_TMPDIR/points"
	chosen "$BATS_TEST_TMPDIR/points" >"$BATS_TEST_TMPDIR/chosen"
	[ -s "$BATS_TEST_TMPDIR/chosen" ] || fail "no points: $*"
}

# all_told KIND COMMAND... - the end of a test
all_told()
{
	local kind=$1
	shift
	echo "# $kind: $reached points of $(wc -l <"$BATS_TEST_TMPDIR/points")" \
		"($missed not reached): $*" >&3
	[ ! -s "$BATS_TEST_TMPDIR/bad" ] || fail "$(cat "$BATS_TEST_TMPDIR/bad")"
	((missed <= (reached + missed) / 4)) || fail "points that a second run does not have"
}

# fails_everywhere STATUS BEGIN END COMMAND... - BEGIN makes the world in which COMMAND is
# run, END takes its work away again, whether it was done or not; both are functions. Each
# chosen call of COMMAND fails once. It ends, with 0 and all its work done, or with STATUS
# (a regex), one error and no work left but for `ctnet gc`; and the next one succeeds.
fails_everywhere()
{
	local want=$1 begin=$2 end=$3 before after seen line at reached=0 missed=0 status
	shift 3
	points_of "$@"
	while read -r line <&4; do
		"$begin"
		status=0
		nth_of "${NTH_WAIT[@]}" fail "${line%% *}" auto "$@" || status=$?
		at=$(head -n 1 "$BATS_TEST_TMPDIR/told")
		[ -n "$at" ] && reached=$((reached + 1)) || missed=$((missed + 1))
		what_failed_is_told "$at" "$status"
		if [ "$status" = 0 ]; then
			done_all "$at"
		elif [[ ! $status =~ ^($want)$ ]]; then
			bad "$at: status $status: $(tail -n +2 "$BATS_TEST_TMPDIR/told")" \
				"$(cat "$BATS_TEST_TMPDIR/err")"
		fi
		"$end"
		gone_back "$at" "$@"
		again "$at" "$@"
	done 4<"$BATS_TEST_TMPDIR/chosen"
	all_told fails "$@"
}

# done_all AT - what succeeded has done everything. With FAULTS_GC not all of its cleaning up,
# where the status is the command's: the next one, or `ctnet gc`, does the rest.
done_all()
{
	local now
	now=$(same_each_time <"$BATS_TEST_TMPDIR/out")
	[ "$now" = "$seen" ] || bad "$1: succeeds, and gives:" \
		"$(diff <(echo "$seen") <(echo "$now") | head -n 20)"
	[ -z "${FAULTS_GC-}" ] || ctnet gc
	same_done_world "$after" || wait_for 1 same_done_world "$after" 2>/dev/null ||
		bad "$1: succeeds, and makes:" "$(diff <(echo "$after") <(done_world) | head -n 20)"
}

# again AT COMMAND... - the same, without a fault
again()
{
	local at=$1
	shift
	"$begin"
	plain "$@" || bad "$at: again: $(cat "$BATS_TEST_TMPDIR/err")"
	"$end"
}

# dies_at_every_call BEGIN END COMMAND... - each chosen call is once the last of whoever
# makes it
dies_at_every_call()
{
	local begin=$1 end=$2 before after seen line at reached=0 missed=0 status
	shift 2
	points_of "$@"
	while read -r line <&4; do
		"$begin"
		status=0
		nth_of "${NTH_WAIT[@]}" kill "${line%% *}" "$@" || status=$?
		at=$(head -n 1 "$BATS_TEST_TMPDIR/told")
		[ -n "$at" ] && reached=$((reached + 1)) || missed=$((missed + 1))
		[ "$status" != 124 ] || bad "$at: $(tail -n +2 "$BATS_TEST_TMPDIR/told")"
		one_line "$BATS_TEST_TMPDIR/err" "$at, status $status" \
			2>>"$BATS_TEST_TMPDIR/bad" || true
		"$end"
		gone_back "$at" "$@"
		again "$at" "$@"
	done 4<"$BATS_TEST_TMPDIR/chosen"
	all_told dies "$@"
}
