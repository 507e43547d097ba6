# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# SIGKILL after any step of a network's life: it is made, a container is started on
# it and ends, it is removed. A file for each driver (kill_DRIVER.bats), since all
# of them take their time. Load lib first.

setup_file()
{
	make_rootfs
	world
}

teardown_file()
{
	world_end
}

setup()
{
	[ -n "${CT_SANITIZED-}" ] || skip "only the sanitized programs have points to die at"
	ip netns add far1
	ip link add spare0 type veth peer name eth0 netns far1
	ip -n far1 link set lo up
	ip -n far1 link set eth0 up
	ip link set spare0 up
}

teardown()
{
	[ -n "${CT_SANITIZED-}" ] || return 0
	remove_networks
	ip link del spare0
	ip netns del far1
}

# life OPTION... - create a network, run a container on it, remove it
life()
{
	ctnet -q create x "$@" && ctrun --name c --rootfs "$ROOTFS" --net x -- true &&
		ctnet -q rm x
}

anything_left()
{
	ip -o link | grep -E ' (ve[0-9a-f]{12}|vx[0-9a-f]{12}|x)[:@0-9]'
	nft list ruleset | grep 'elements = '
	find /etc/ctnet/networks /run/sysctl.d -type f
	find /run/ctnet/net \( -path '*/attach/*' -o -path '*/leases/*/*' -o -path '*/realised/*' \
		-o -path '*/taken/*' -o -path '*/links/*' \)
	ip -j link show spare0 | jq -r '.[0].master // empty'
}

swept()
{
	ctnet gc && [ -z "$(anything_left 2>/dev/null)" ]
}

no_link_of_the_dead()
{
	ctnet gc && ! ip -o link | grep -q " ve[0-9a-f]"
}

# dies_in_its_life OPTION... - of ctnet create
dies_in_its_life()
{
	local n total log=$BATS_TEST_TMPDIR/points
	CT_CRASH_LOG=$log life "$@"
	total=$(wc -l <"$log")
	((total > 10)) || fail "only $total points: $*"
	for ((n = 1; n <= total; n++)); do
		rm -f "$log"
		CT_CRASH_LOG=$log CT_CRASH_AT=$n life "$@" 2>/dev/null || true
		wait_for 10 no_link_of_the_dead
		[ -e /etc/ctnet/networks/x.conf ] || ctnet -q create x "$@"
		gives 0 in_box --net x true
		ctnet -q rm x
		wait_for 10 swept || fail "$*, step $n $(tail -n 1 "$log"): $(anything_left)"
	done
	echo "# $total points: $*" >&3
}
