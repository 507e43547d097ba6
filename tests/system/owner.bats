#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whose is what: links, rules and elements of the dead, of others, and of those
# who may not.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	bg_end
	ctnet gc
	remove_networks
}

@test "of a container that died while its network was taken apart nothing keeps a port" {
	local runner
	start web --net bridge0 -p 8080:80 -p 127.0.0.1:8081:80/udp -p '[::1]:9000-9010:80'
	runner=$bg_pid
	nft list table inet ctnet | grep -q 'udp . 8081' || fail "nothing is published"
	ip link del bridge0
	kill -KILL "$runner"
	wait_for 10 is_gone "$runner"
	gives 0 ctnet rm bridge0
	! nft list ruleset | grep 'elements = ' || fail "elements are left"
	# and a namespace that somebody else deleted
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	ctnet ns add blue
	ctnet connect bridge0 ns:blue
	ip netns del blue
	gives 0 ctnet rm bridge0
	! nft list ruleset | grep 'elements = ' || fail "elements are left"
}

@test "links that only look like ours are deleted by nobody" {
	local link
	# a name as ours have it, our group, somebody else's mark, and one without
	ip link add ve0123456789ab0 group 4242 type veth peer name theirs0
	ip link add ve0123456789ac0 group 4242 type veth peer name theirs1
	ip link set ve0123456789ac0 alias 'docker:web'
	ip link set ve0123456789ab0 master bridge0
	start a --net bridge0
	bg_end
	gives 0 ctnet gc
	gives 0 ctnet reload
	gives 0 ctnet rm -f bridge0
	gives 0 ctnet prune
	for link in ve0123456789ab0 ve0123456789ac0 theirs0 theirs1; do
		ip link show $link >/dev/null || fail "$link is gone"
	done
	ip link del theirs0
	ip link del theirs1
}

@test "a user without privileges deletes no link and no rule" {
	local before
	start a --net bridge0
	before=$(ip -o link; nft list ruleset)
	for command in 'ctnet gc' 'ctnet rm -f bridge0' 'ctnet disconnect bridge0 a' 'ctnet reload'; do
		# shellcheck disable=SC2086
		run setpriv --reuid 1000 --regid 1000 --clear-groups $command
		((status == 1 || status == 125)) || fail "$command: status $status"
	done
	equal "$(ip -o link; nft list ruleset)" "$before"
	equal "$(find "$CT_BINDIR" -perm /6000)" ""
}

@test "a container gets at no nftables, not even its own, unless that is asked for" {
	denied ctrun --net bridge0 -- nft list ruleset
	denied ctrun --net bridge0 -- unshare -U -r -n nft list ruleset
	gives 0 ctrun --net bridge0 --cap-add NET_ADMIN -- nft list ruleset
	gives 0 ctrun --net bridge0 --seccomp unconfined -- unshare -U -r -n nft list ruleset
	# its own is not the host's
	equal "$output" ""
}
