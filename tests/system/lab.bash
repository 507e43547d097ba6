# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of one lab's life share: files, a look into nodes. Load lib first.

# shellcheck disable=SC2034 # used by those who load this

# For a file that has no more to do there: whatever a test did, nothing of it is left.
setup()
{
	before=$(lab_world)
}

teardown()
{
	bg_end
	ctlab down --all
	wait_for 10 same_lab_world "$before" ||
		fail "left: $(diff <(echo "$before") <(lab_world))"
}

# lab_file NAME - stdin as a file; its path
lab_file()
{
	cat >"$BATS_TEST_TMPDIR/$1.ini"
	echo "$BATS_TEST_TMPDIR/$1.ini"
}

# two_hosts [KEY=VALUE...] - $LAB: a lab of two hosts on one wire; the words are keys of host a
two_hosts()
{
	LAB=$(lab_file two <<-END
		[lab]
		name = two
		[node.a]
		$(printf '%s\n' "$@")
		[node.b]
		[link.ab]
		ends = a:eth0 b:eth0
		subnet = 10.0.0.0/30 fd00::/64
		END
	)
}

# a_lab - $LAB: with a limit, a daemon, and a wire that is shaped
a_lab()
{
	LAB=$(lab_file killed <<-'END'
		[lab]
		name = killed
		[node.a]
		pids = 50
		daemon.1 = "exec sleep 424242"
		[node.b]
		exec.1 = "true"
		after = a
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan b:lan
		[link.ab]
		ends = a:eth0 b:eth0
		subnet = 10.0.0.0/30
		rate = 10mbit
		END
	)
}

# an_exit [KEY=VALUE...] - $LAB: host h behind a nat node; the words are keys of that node
an_exit()
{
	LAB=$(lab_file exit <<-END
		[node.h]
		[node.exit]
		kind = nat
		$(printf '%s\n' "$@")
		[link.l]
		ends = h:eth0 exit:eth0
		subnet = 10.0.0.0/30
		END
	)
}

# end_all - for a world that a lab is to be gone from
end_all()
{
	ctlab -q down --all
}

supervisor_of()
{
	ctlab ls -j | jq -er --arg n "$1" '.[] | select(.name == $n) | .pid'
}

# node_pid LAB NODE - its first process
node_pid()
{
	local pid supervisor
	supervisor=$(supervisor_of "$1")
	for pid in $(pgrep -P "$supervisor"); do
		[ "$(nsenter -t "$pid" -u hostname)" != "$2" ] || echo "$pid"
	done
}

# in_node LAB NODE COMMAND... - a program of the host in the node's network
in_node()
{
	local pid
	pid=$(node_pid "$1" "$2")
	shift 2
	nsenter -t "$pid" -n "$@"
}

# what labs may not leave: processes, mounts, control groups, files
lab_world()
{
	ps -o comm= --sort comm -C ct,ctlab,ct-lab,sleep
	cut -d' ' -f 4- /proc/self/mountinfo
	find /sys/fs/cgroup/"$CT_CGROUP_PARENT" /sys/fs/cgroup/*/"$CT_CGROUP_PARENT" \
		-mindepth 2 -type d 2>/dev/null || true
	find /run/ctnet/labs -mindepth 1 2>/dev/null || true
	ip -o link show | awk -F': ' '{ print "link", $2 }'
	nft -s list ruleset | grep elements || true
}

same_lab_world()
{
	[ "$(lab_world)" = "$1" ]
}
