# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of labs share: how the host looks, and a lab's whole life.

# shellcheck disable=SC2034 # used by those who load this
readonly LABS=$CT_TESTS/../conf/labs

# host_network - links, named namespaces, rules and settings of the host's network
host_network()
{
	ip -o link show | awk -F': ' '{ print "link", $1, $2 }'
	ls /run/netns 2>/dev/null
	nft -s list ruleset
	iptables-save -c 2>/dev/null | grep -v '^#' || true
	sysctl -a --pattern '^net\.' 2>/dev/null | grep -v -e nf_conntrack_count -e '\.stable_secret'
}

# host_all - and processes, mounts, control groups, records
host_all()
{
	host_network
	awk '{ print "mount", $5 }' /proc/self/mountinfo
	find /sys/fs/cgroup/"$CT_CGROUP_PARENT" /sys/fs/cgroup/*/"$CT_CGROUP_PARENT" -mindepth 2 -type d \
		2>/dev/null || true
	find /run/ctnet/labs -mindepth 1 2>/dev/null || true
	# shells of this test come and go; what is of a lab is below its supervisor
	grep -l '^ct-lab$' /proc/[0-9]*/comm 2>/dev/null || true
}

# same BEFORE COMMAND - it prints what was noted, if need be a moment later
same()
{
	local noted=$1
	shift
	wait_for 10 eval "[ \"\$($*)\" = \"\$noted\" ]" || {
		diff <(echo "$noted") <("$@") >&2
		return 1
	}
}

# demo_lab - $DEMO: demo.ini, whose HTTP server takes longer to start where the processor
# is emulated
demo_lab()
{
	# shellcheck disable=SC2034
	DEMO=$BATS_TEST_TMPDIR/demo.ini
	sed "s/^ready-wait .*/ready-wait = ${CT_VM:+12}5s/" "$CT_TESTS/system/demo.ini" >"$DEMO"
}

# passes TAP - all tests in it passed or were skipped with a reason; there are some
passes()
{
	grep -qE '^ok ' "$1" || fail "no test passed: $(cat "$1")"
	! grep -E '^not ok' "$1" || fail "$(cat "$1")"
	! grep -E '# SKIP *$' "$1" || fail "a test was skipped without a reason"
}

# lives FILE - all that one does with a lab, which leaves the host as it was
lives()
{
	local name before network
	name=$(basename "$1" .ini)
	before=$(host_all)
	network=$(host_network)
	gives 0 ctlab lint "$1"
	gives 0 ctlab up "$1"
	same "$network" host_network
	# what runs is what the file says, so there is nothing to do
	gives 0 ctlab apply "$1"
	equal "$output" ""
	gives 0 ctlab test "$name" --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
	# and whatever a scenario left is put back
	gives 0 ctlab apply "$1"
	gives 0 ctlab apply "$1"
	equal "$output" ""
	gives 0 ctlab down "$name"
	same "$before" host_all
}

# labs_end - for teardown(): what a test that failed halfway left
labs_end()
{
	ctlab down --all >/dev/null
}
