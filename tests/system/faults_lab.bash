# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Faults of labs: which labs, and how a supervisor that runs already is followed. Load lib,
# lab, kill and faults first.

# A shell that runs two commands, of which the first makes the lab: whom nth is to follow.
# Points before the second are those of "ctlab up".
# shellcheck disable=SC2034 # used by faults.bash, and by those who load this
followed()
{
	NTH_WAIT=(-p "$(readlink -f "$(command -v ctlab)")")
	FAULTS_FROM='0\.2'
}

teardown()
{
	bg_end
	ctlab down --all
	remove_networks
}

# For those that an everyday run has no time for.
in_a_sweep()
{
	[ -n "${CT_FAULTS-}" ] || skip "of the sweep: tests/faults/run"
}

# full_lab - $LAB: a limit, a daemon, commands of the beginning and the end, a switch, a LAN,
# a wire that is shaped and one that is direct
full_lab()
{
	LAB=$(lab_file full <<-'END'
		[lab]
		name = full
		[node.a]
		pids = 50
		daemon.1 = "exec sleep 424242"
		[node.b]
		exec.1 = "true"
		after = a
		stop.1 = "true"
		[node.c]
		[node.s]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan b:lan
		[link.ab]
		ends = a:eth0 b:eth0
		subnet = 10.0.0.0/30
		rate = 10mbit
		[link.direct]
		ends = a:eth1 b:eth1
		subnet = 10.0.1.0/30
		wire = direct
		[link.as]
		ends = a:eth2 s:1
		[link.cs]
		ends = c:eth0 s:2
		END
	)
}

# mended_and_ended - for an end: whatever became of the lab, apply makes it what $LAB says
mended_and_ended()
{
	local said
	if [ -n "$(ctlab ls -j | jq -r '.[].name')" ]; then
		said=$(ctlab -q apply "$LAB" 2>&1) || bad "$line: is not mended: $said"
		said=$(ctlab apply "$LAB" 2>&1) || true
		[ -z "$said" ] || bad "$line: is not mended: $said"
	fi
	ctlab -q down --all
}

# done_world - without what a lab has anew each time: its id, addresses of the uplink
done_world()
{
	faults_world | grep -v '^link ve\|/leases/\|/ports/\|elements = '
}
