# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the system tests share: asserting, waiting, a root file system, a world
# around the host, and containers in the background. "The host" is always the
# sandbox's network namespace. Nothing here sleeps to be in time: it polls.

bats_require_minimum_version 1.5.0

# ---- asserting -------------------------------------------------------------

# fail WORD... - ends the test, with what the last command said
fail()
{
	printf '%s\n' "$*" "status: ${status-}" "stdout: ${output-}" "stderr: ${stderr-}" >&2
	return 1
}

# gives STATUS COMMAND... - runs it; sets $output and $stderr, apart
gives()
{
	local want=$1
	shift
	run "-$want" --separate-stderr "$@" || fail "expected status $want of: $*"
}

# denied COMMAND... - runs in a container and fails there, with whatever status
denied()
{
	run --separate-stderr "$@"
	case $status in
	0 | 125 | 126 | 127) fail "expected to be denied: $*" ;;
	esac
}

# prints REGEX, complains REGEX - the last command, on stdout and on stderr
prints()
{
	[[ $output =~ $1 ]] || fail "not on stdout: $1"
}

complains()
{
	[[ $stderr =~ $1 ]] || fail "not on stderr: $1"
}

# refuses STATUS REGEX COMMAND... - fails with one line of error, at most one
# hint; STATUS "any": 1 or 2
refuses()
{
	local want=$1 regex=$2
	shift 2
	if [ "$want" = any ]; then
		run --separate-stderr "$@"
		[ "$status" = 1 ] || [ "$status" = 2 ] || fail "expected status 1 or 2 of: $*"
	else
		gives "$want" "$@"
	fi
	complains "$regex"
	[ -z "$output" ] || fail "an error belongs on stderr: $*"
	[ "${#stderr_lines[@]}" -le 2 ] || fail "more than a line and a hint"
	[ "${#stderr_lines[@]}" -lt 2 ] || [[ ${stderr_lines[1]} == hint:* ]] || fail "not a hint"
}

equal()
{
	[ "$1" = "$2" ] || fail "'$1' is not '$2'"
}

# ---- waiting ---------------------------------------------------------------

# wait_for SECONDS COMMAND... - until it succeeds; a machine that does much else
# beside has three times as long, one that is emulated twelve times
wait_for()
{
	local patience=3 deadline
	[ -z "${CT_VM-}" ] || patience=12
	deadline=$((SECONDS + patience * $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || {
			echo "waited in vain for: $*" >&2
			return 1
		}
		sleep 0.05
	done
}

not()
{
	! "$@"
}

is_gone()
{
	! kill -0 "$1" 2>/dev/null
}

# ---- at once ---------------------------------------------------------------

# all COMMAND... - each one word, at once, all of which succeed: what must not
# answer takes its time. What a command sets is lost, and so is $bg_pid.
all()
{
	local command pids=() pid bad=0
	for command; do
		eval "$command" 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || bad=1
	done
	return $bad
}

# ---- processes in the background -------------------------------------------

# bg NAME COMMAND... - $bg_pid; output to files NAME.out and NAME.err
bg()
{
	local name=$1
	shift
	"$@" >"$BATS_TEST_TMPDIR/$name.out" 2>"$BATS_TEST_TMPDIR/$name.err" </dev/null 3>&- &
	bg_pid=$!
	echo "$bg_pid" >>"$BATS_TEST_TMPDIR/pids"
}

# For teardown(): ends whatever bg started, and waits for it.
bg_end()
{
	local pid
	[ -e "$BATS_TEST_TMPDIR/pids" ] || return 0
	while read -r pid; do
		kill -KILL "$pid" 2>/dev/null || true
		wait_for 10 is_gone "$pid"
		wait "$pid" 2>/dev/null || true
	done <"$BATS_TEST_TMPDIR/pids"
	rm "$BATS_TEST_TMPDIR/pids"
}

# ---- containers ------------------------------------------------------------

# make_rootfs - $ROOTFS: busybox with a link per applet, once a file
make_rootfs()
{
	export ROOTFS=$BATS_FILE_TMPDIR/rootfs
	local busybox
	busybox=$(readlink -f "$(command -v busybox)")
	mkdir -p "$ROOTFS"/{bin,etc,proc,sys,dev,tmp,root,var}
	chmod 1777 "$ROOTFS/tmp"
	cp "$busybox" "$ROOTFS/bin/busybox"
	# one process where ln would be hundreds
	"$busybox" --list | perl -lne 'symlink "busybox", "$ENV{ROOTFS}/bin/$_" if $_ ne "busybox"'
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n' >"$ROOTFS/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\n' >"$ROOTFS/etc/group"
}

# in_box ARG... - ctrun on that root file system
in_box()
{
	ctrun --rootfs "$ROOTFS" "$@"
}

is_running()
{
	ct ps -j | jq -e --arg n "$1" 'any(.[]; .name == $n and .status == "running")' >/dev/null
}

# pid_of NAME - of a container's process 1
pid_of()
{
	ct ps -j | jq -er --arg n "$1" '.[] | select(.name == $n) | .pid'
}

# in_net CONTAINER COMMAND... - a program of the host in the container's network
in_net()
{
	local pid
	pid=$(pid_of "$1")
	shift
	nsenter -t "$pid" -n "$@"
}

# start NAME [OPTION...] [-- COMMAND...] - a container in the background ($bg_pid
# is its runner), up when this returns; it sleeps when no command is given
start()
{
	local name=$1 runner
	shift
	[[ " $* " == *" -- "* ]] || set -- "$@" -- sleep 1000
	bg "$name" ctrun --name "$name" --rootfs "$ROOTFS" "$@"
	runner=$bg_pid
	wait_for 15 eval "is_running $name || is_gone $runner"
	is_running "$name" || fail "$name did not start: $(cat "$BATS_TEST_TMPDIR/$name.err")"
}

# detached NAME [OPTION...] COMMAND... - a container in the background, from $ROOTFS
detached()
{
	local name=$1
	shift
	gives 0 ctrun -d --name "$name" --rootfs "$ROOTFS" "$@"
}

# detach NAME [OPTION...] [-- COMMAND...] - the same, which sleeps unless told otherwise
detach()
{
	[[ " $* " == *" -- "* ]] || set -- "$@" -- sleep 1000
	detached "$@"
}

# remove_containers - all that run, and the records of those that have ended
remove_containers()
{
	local id
	for id in $(ct ps -aq); do
		ct rm -f "$id" >/dev/null || true
	done
}

# address NAME 4|6 - the container's address on its first network
address()
{
	local dot='.'
	[ "$2" = 4 ] || dot=':'
	ct ps -j | jq -er --arg n "$1" --arg dot "$dot" \
		'.[] | select(.name == $n) | .networks[0].addresses[] | select(contains($dot))' |
		head -n 1 | cut -d/ -f1
}

# remove_networks - for teardown(): every network, its containers too
remove_networks()
{
	local name
	for name in $(ctnet ls -j | jq -r '.[].name'); do
		ctnet rm -f "$name"
	done
}

# ---- the world around the host ---------------------------------------------

# world - two machines and two wires:
#
#   host lan0 192.0.2.1 ---- 192.0.2.2 lan 198.51.100.1 ---- 198.51.100.2 far
#        2001:db8:1::1       ...1::2       2001:db8:2::1     ...2::2
#
# lan is a neighbour and a router. far has a route to the first wire and to
# nothing else, so only what is masqueraded as the host's address is answered.
world()
{
	ip netns add lan
	ip netns add far
	ip link add lan0 type veth peer name eth0 netns lan
	ip -n lan link add eth1 type veth peer name eth0 netns far
	wire "" lan0 192.0.2.1/24 2001:db8:1::1/64
	wire lan eth0 192.0.2.2/24 2001:db8:1::2/64
	wire lan eth1 198.51.100.1/24 2001:db8:2::1/64
	wire far eth0 198.51.100.2/24 2001:db8:2::2/64
	ip netns exec lan sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
		echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	ip route add default via 192.0.2.2
	ip -6 route add default via 2001:db8:1::2
	ip -n far route add 192.0.2.0/24 via 198.51.100.1
	ip -n far -6 route add 2001:db8:1::/64 via 2001:db8:2::1
	# A container's subnet, should a packet come with its address, goes nowhere.
	ip netns exec far sysctl -qw net.ipv4.conf.all.rp_filter=0
}

# wire NETNS LINK ADDRESS4 ADDRESS6
wire()
{
	local in=() enter=()
	[ -z "$1" ] || in=(-n "$1") enter=(ip netns exec "$1")
	# Detection of duplicates would keep the link-local addresses back for 2 s.
	"${enter[@]}" sysctl -qw "net.ipv6.conf.$2.accept_dad=0"
	ip "${in[@]}" link set lo up
	ip "${in[@]}" addr add "$3" dev "$2"
	ip "${in[@]}" addr add "$4" dev "$2" nodad
	ip "${in[@]}" link set "$2" up
}

world_end()
{
	ip netns del far
	ip netns del lan
	# A veth outlives its namespace for a moment.
	wait_for 10 not ip link show lan0 >/dev/null 2>&1
}

# serve NETNS NAME SOCAT-ADDRESS - a server that tells each client the address
# it sees it come from
serve()
{
	local in=()
	[ -z "$1" ] || in=(ip netns exec "$1")
	# shellcheck disable=SC2016
	bg "$2" "${in[@]}" socat "$3,reuseaddr,fork" 'SYSTEM:echo $SOCAT_PEERADDR'
	local port=${3#*:}
	wait_for 10 listens "$1" "${port%%,*}"
}

listens()
{
	local in=()
	[ -z "$1" ] || in=(-N "$1")
	ss "${in[@]}" -Hltn "sport = :$2" | grep -q .
}
