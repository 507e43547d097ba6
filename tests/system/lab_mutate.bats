#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lab files that somebody damaged: each is either refused, with the place, or a lab
# that works; none is a crash, and none leaves anything. The same files each time.

load lib

readonly SEED=20

setup_file()
{
	mkdir "$BATS_FILE_TMPDIR/large" "$BATS_FILE_TMPDIR/small" "$BATS_FILE_TMPDIR/labs"
	LC_ALL=C awk -v seed=$SEED -v count=800 -v dir="$BATS_FILE_TMPDIR/large" \
		-f "$CT_TESTS/system/mutate.awk" "$CT_TESTS"/../conf/labs/*.ini
	small_labs "$BATS_FILE_TMPDIR/labs"
	LC_ALL=C awk -v seed=$SEED -v count=200 -v dir="$BATS_FILE_TMPDIR/small" \
		-f "$CT_TESTS/system/mutate.awk" "$BATS_FILE_TMPDIR"/labs/*.ini
}

# Small enough for hundreds of them to be made, and with much in them.
small_labs()
{
	cat >"$1/wire.ini" <<'LAB'
[lab]
seed = 7
unsupported = warn
[defaults.node]
sysctl.1 = net.ipv4.conf.all.rp_filter=0
[node.a]
lo = 10.255.0.1/32 fd00:ff::1/128
route.1 = 10.9.0.0/24 via 10.0.0.2 dev eth0 metric 5
env.1 = WORD=one
exec.1 = "ip link show dev eth0"
[node.b]
kind = router
route.1 = blackhole 10.8.0.0/16
[link.w]
ends = a:eth0 b:eth0
subnet = 10.0.0.0/30 fd00::/64
rate = 10mbit
queue = 64K
mac = 02:00:00:00:00:01,02:00:00:00:00:02
[links]
v = a:eth1 b:eth1 ip=10.0.1.1/24,10.0.1.2/24 mtu=1400 state=down
LAB
	cat >"$1/lan.ini" <<'LAB'
[lab]
ipv4-pool = 10.50.0.0/16
mtu = 1400
[kind.leaf]
kind = host
tmpfs.1 = /mnt:size=1M
daemon.1 = "exec sleep 1000"
[node.r]
kind = router
[node.a]
kind = leaf
[node.s]
kind = switch
stp = yes
[net.lan]
subnet = 10.1.0.0/24 fd01::/64
members = r:eth0=.1 a:eth0=.10
gateway = r
loss = 1%
[link.up]
ends = r:eth1 s:p1
wire = stitched
[gen.g]
type = star
n = 2
prefix = x
LAB
}

# refused_or_lab DIR - what lint says of all of it; prints the names of the labs
refused_or_lab()
{
	local out=$BATS_TEST_TMPDIR/lint

	run -2 --separate-stderr ctlab lint -j "$1"/*.ini
	[ -z "$stderr" ] || fail "more than was asked for"
	printf '%s' "$output" >"$out"
	equal "$(jq length "$out")" "$(find "$1" -name '*.ini' | wc -l)"
	# every file that is refused has a place in it
	equal "$(jq -r '.[] | select(.ok | not)
		| select(all(.problems[]; .level != "error" or .line == 0 or .column == 0)) | .file' "$out")" ""
	jq -r '.[] | select(.ok) | .file' "$out"
}

@test "800 damaged files: each is refused, with the place, or means a lab" {
	local labs file

	labs=$(refused_or_lab "$BATS_FILE_TMPDIR/large")
	# the seed is no good if one sort of them is missing
	[ "$(wc -l <<<"$labs")" -gt 50 ]
	[ "$(wc -l <<<"$labs")" -lt 750 ]
	# what is a lab can be written out, and is the same lab then
	for file in $(head -n 20 <<<"$labs"); do
		ctlab expand "$file" >"$BATS_TEST_TMPDIR/once.ini"
		ctlab expand "$BATS_TEST_TMPDIR/once.ini" | diff "$BATS_TEST_TMPDIR/once.ini" -
	done
}

@test "200 damaged files: what means a lab goes up and down, or says what failed" {
	local labs file name made=0

	labs=$(refused_or_lab "$BATS_FILE_TMPDIR/small")
	for file in $labs; do
		run --separate-stderr timeout 60 ctlab up "$file"
		case $status in
		0)
			name=$(ctlab ls -j | jq -r '.[0].name')
			gives 0 ctlab down "$name"
			made=$((made + 1))
			;;
		# a command of it failed; this kernel has not what it asks for
		1 | 3 | 4) complains '^ctlab: ' ;;
		*) fail "$file: $(cat "$file")" ;;
		esac
		equal "$(find /run/ctnet/labs -mindepth 1 2>/dev/null)" ""
	done
	[ "$made" -gt 20 ]
}
