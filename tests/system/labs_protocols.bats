#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The labs of conf/labs in which switches and routers talk to each other: as labs.bats.

load lib
load labs

teardown()
{
	labs_end
}

@test "ring-stp: four switches in a ring, which would be a storm without spanning tree" {
	lives "$LABS/ring-stp.ini"
}

@test "ospf: three routers that find their ways by OSPF (FRRouting, Debian package frr)" {
	lives "$LABS/ospf.ini"
}

@test "bgp: four autonomous systems in a ring, each with BIRD (Debian package bird2)" {
	lives "$LABS/bgp.ini"
}
