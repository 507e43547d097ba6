# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of attacks share, on top of lib.bash. An attack that fails
# proves something only if it works where nothing stops it: each is tried with
# the defence, then with the defence taken out by hand (disarm, exposed), then
# with it again (rearm).

# ---- who ---------------------------------------------------------------------

# where WHO - $in: the words that run a program of the host's there; WHO is host,
# a named namespace, or a container. Nothing of ctnet is asked, which would mend
# what a test has broken: a container's place is what box noted.
where()
{
	case $1 in
	host) in=() ;;
	lan | far | evil) in=(ip netns exec "$1") ;;
	*) in=(nsenter -t "$(<"$BATS_TEST_TMPDIR/pid.$1")" -n --) ;;
	esac
}

# at WHO COMMAND... - runs it there
at()
{
	local in
	where "$1"
	"${in[@]}" "${@:2}"
}

# evil - one more neighbour on a wire of its own, whose way to everywhere is the
# host. The wire goes when evil_end takes the namespace.
evil()
{
	ip netns add evil
	ip link add evil0 type veth peer name eth0 netns evil
	wire "" evil0 203.0.113.1/24 2001:db8:3::1/64
	wire evil eth0 203.0.113.2/24 2001:db8:3::2/64
	ip -n evil route add default via 203.0.113.1
	ip -n evil -6 route add default via 2001:db8:3::1
}

evil_end()
{
	[ ! -e /run/netns/evil ] || ip netns del evil
	wait_for 10 not ip link show evil0
}

# box NAME OPTION... - a container; $BATS_TEST_TMPDIR/pid.NAME and addr.NAME.4|6
box()
{
	start "$@"
	ct ps -j | jq -er --arg n "$1" '.[] | select(.name == $n) | .pid' >"$BATS_TEST_TMPDIR/pid.$1"
	address "$1" 4 >"$BATS_TEST_TMPDIR/addr.$1.4" || true
	address "$1" 6 >"$BATS_TEST_TMPDIR/addr.$1.6" || true
}

# addr NAME 4|6 - as it was when the container started
addr()
{
	cat "$BATS_TEST_TMPDIR/addr.$1.$2"
}

# mac WHO LINK
mac()
{
	at "$1" cat "/sys/class/net/$2/address" 2>/dev/null ||
		at "$1" ip -j link show "$2" | jq -r '.[0].address'
}

# ---- servers and clients -----------------------------------------------------

# answer WHO PORT [BIND4 BIND6] - at that port, tcp and udp, both families, they
# tell their name and who they see. Each question has a process of its own, which
# waits no longer than its time: one whose datagram another took waits in vain.
answer()
{
	local who=$1 port=$2 in n=0 spec
	local b4=${3:+,bind=$3} b6=${4:+,bind=[$4]}
	where "$who"
	for spec in "TCP4-LISTEN:$port,reuseaddr$b4" "TCP6-LISTEN:$port,ipv6only=1,reuseaddr$b6" \
		"UDP4-RECVFROM:$port$b4" "UDP6-RECVFROM:$port,ipv6only=1$b6"; do
		# shellcheck disable=SC2016
		ANSWERER=$who bg "$who.$port.$((n++))" "${in[@]}" socat -T 3 "$spec,fork" \
			'SYSTEM:read -r line; echo $ANSWERER $SOCAT_PEERADDR'
	done
	wait_for 10 eval "[ \"\$(at $who ss -Hlntu 'sport = :$port' | wc -l)\" = 4 ]"
}

# ask WHO tcp|udp ADDRESS PORT - what is answered there within $PATIENCE seconds
ask()
{
	local in to=$3
	where "$1"
	[[ $to != *:* ]] || to="[$to]"
	to=$2:$to:$4
	[ "$2" = udp ] || to+=,connect-timeout=1
	# it ends with the answer: over UDP there is no other end
	# shellcheck disable=SC2016
	timeout 8 "${in[@]}" socat -lf /dev/null -t 0.05 -T "${PATIENCE-1}" "$to" \
		'SYSTEM:echo; read -r line && echo "$line" >&2' 3>&1 >/dev/null 2>&3 3>&-
}

# says WHO PROTO ADDRESS PORT NAME - NAME is who answers
says()
{
	[[ "$(PATIENCE=5 ask "${@:1:4}")" == "$5 "* ]]
}

# reaches WHO ADDRESS PORT NAME - over tcp and udp
reaches()
{
	local proto
	for proto in tcp udp; do
		wait_for 10 says "$1" $proto "$2" "$3" "$4" || fail "$1 does not reach $2 $3/$proto"
	done
}

# kept_from WHO ADDRESS PORT - over tcp and udp nothing answers
kept_from()
{
	all "silent $1 tcp $2 $3" "silent $1 udp $2 $3"
}

silent()
{
	local got
	got=$(ask "$@") || true
	[ -z "$got" ] || fail "$1 reaches $3 $4/$2: $got"
}

pings()
{
	at "$1" ping -c 1 -W 5 "$2" >/dev/null || fail "$1 does not reach $2"
}

no_ping()
{
	! at "$1" ping -c 1 -W 1 "$2" >/dev/null || fail "$1 reaches $2"
}

# ---- defences ----------------------------------------------------------------

# disarm CHAIN TEXT - takes the rule that reads so out of table inet ctnet
disarm()
{
	local handle
	handle=$(nft -a list chain inet ctnet "$1" |
		awk -v text="$2" '{ line = $0; sub(/ # handle.*/, "", line); sub(/^[ \t]*/, "", line) }
			line == text { print $NF }')
	[ -n "$handle" ] || fail "chain $1 has no rule: $2"
	nft delete rule inet ctnet "$1" handle "$handle"
}

# rearm - all that was taken out is there again
rearm()
{
	ctnet reload
}

# bridge_nf IP IP6 - whether bridged frames of each family pass the firewall
bridge_nf()
{
	[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || return 0
	echo "$1" >/proc/sys/net/bridge/bridge-nf-call-iptables
	echo "${2-$1}" >/proc/sys/net/bridge/bridge-nf-call-ip6tables
}

need()
{
	command -v "$1" >/dev/null || skip "$1 is not installed"
}
