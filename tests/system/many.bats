#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many containers come and go on one network at the same time, and some are
# killed on the way.

load lib

setup()
{
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	mkdir "$BATS_TEST_TMPDIR/held"
}

teardown()
{
	bg_end
	remove_networks
}

# one_of_many N - a container that holds a lock named as its address while it
# lives: the kernel lets go of it however it ends, so who finds it taken has an
# address twice
one_of_many()
{
	# shellcheck disable=SC2016
	exec ctrun --net bridge0 -v "$BATS_TEST_TMPDIR/held:/held" sh -c '
		a=$(ip -4 -o addr show eth0 | sed "s/.*inet \([0-9.]*\).*/\1/")
		flock -E 9 -n "/held/$a" sleep "0.$0"
		[ $? != 9 ] || echo "twice: $a"' "$1" \
		>"$BATS_TEST_TMPDIR/out.$1" 2>&1 </dev/null 3>&-
}

@test "200 at once, a third of them killed: no address twice, nothing left" {
	local n pids=() killed=() failed=0
	for n in $(seq 100 299); do
		one_of_many "$n" &
		pids[n]=$!
		if ((RANDOM % 3 == 0)); then
			killed[n]=1
			(
				sleep "0.$((RANDOM % 900 + 10))"
				kill -KILL "${pids[n]}" 2>/dev/null
			) 3>&- &
		fi
	done
	for n in "${!pids[@]}"; do
		wait "${pids[n]}" || [ -n "${killed[n]-}" ] || failed=$((failed + 1))
	done
	wait
	! grep -h twice "$BATS_TEST_TMPDIR"/out.* || fail "an address was given twice"
	[ $failed = 0 ] || fail "$failed failed: $(cat "$BATS_TEST_TMPDIR"/out.*)"
	gives 0 ctnet gc
	wait_for 10 eval '! ip -o link show master bridge0 | grep .'
	gives 0 ctnet gc
	equal "$(ct ps -j)" "[]"
	gives 0 ctnet inspect bridge0 -j
	equal "$(jq -c '.[0] | [.containers, [.subnets[].leased]]' <<<"$output")" '[[],[0,0]]'
	equal "$(find /run/ctnet \( -path '*/containers/*' -o -path '*/attach/*' \
		-o -path '*/leases/*/*' -o -path '*/links/*' -o -path '*/drain/*/*' \) ! -name .lock)" ""
	! nft list table bridge ctnet 2>/dev/null | grep '"ve' || fail "elements left"
}
