#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct doctor: what is in the way is named with its cure, the cure as it is
# printed takes it away, and looking changes nothing.

load lib

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
	[[ $BATS_TEST_DESCRIPTION == *"no network"* ]] ||
		ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	bg_end
	remove_networks
	# the tables of the tests alone: ours went with the last network
	nft flush ruleset
	for tool in iptables-legacy ip6tables-legacy; do
		"$tool" -P FORWARD ACCEPT
		"$tool" -P INPUT ACCEPT
		"$tool" -F
		"$tool" -X
	done
}

# finds STATUS CHECK REGEX - doctor says that of a check
finds()
{
	local want=$1 check=$2 regex=$3

	run --separate-stderr ct doctor
	grep -E "^$want $check: " <<<"$output" | grep -Eq "$regex" ||
		fail "not found: $want $check: $regex"
	[ "$want" != fail ] || [ "$status" = 1 ] || fail "something is in the way, and status is $status"
}

# apply_cures CHECK - what doctor prints behind "cure:", as it stands
apply_cures()
{
	local cures

	cures=$(ct doctor -j | jq -r --arg c "$1" '.[] | select(.check == $c) | .cure // empty') || true
	[ -n "$cures" ] || fail "doctor has no cure for $1"
	eval "$cures" 3>&-
}

# reaches_out ADDRESS SECONDS
reaches_out()
{
	in_box --net bridge0 ping -c 1 -W "$2" "$1"
}

# in_the_way CHECK REGEX ADDRESS - stopped and named; and all is well again with the cure
in_the_way()
{
	denied reaches_out "$3" 1
	finds fail "$1" "$2"
	apply_cures "$1"
	gives 0 reaches_out "$3" 5
	finds ok "$1" .
	gives 0 ct doctor
}

@test "nothing in the way: status 0, and a line for each check" {
	gives 0 ct doctor
	prints 'ok forward: '
	prints 'ok forwarding: '
	prints 'ok bridge-ports: '
	prints 'ok|warn links: '
	! grep -Ev '^(ok|warn|fail) [a-z-]+: ' <<<"$output" || fail "another kind of line"
	gives 0 ctnet doctor
}

@test "with no network too a policy of iptables-legacy is named" {
	gives 0 ct doctor
	iptables-legacy -P FORWARD DROP
	finds fail forward 'iptables-legacy.*filter.*FORWARD.*IPv4'
	iptables-legacy -P FORWARD ACCEPT
	gives 0 ct doctor
}

@test "iptables-legacy -P FORWARD DROP" {
	gives 0 reaches_out 198.51.100.2 5
	iptables-legacy -P FORWARD DROP
	in_the_way forward 'iptables-legacy table ip filter, chain FORWARD.*iptables-legacy -I FORWARD' 198.51.100.2
	ip6tables-legacy -P FORWARD DROP
	in_the_way forward 'iptables-legacy table ip6 filter, chain FORWARD.*ip6tables-legacy -I' 2001:db8:2::2
}

@test "iptables-nft -P FORWARD DROP" {
	iptables-nft -P FORWARD DROP
	in_the_way forward 'iptables-nft table ip filter, chain FORWARD.*iptables-nft -I FORWARD' 198.51.100.2
	ip6tables-nft -P FORWARD DROP
	in_the_way forward 'iptables-nft table ip6 filter, chain FORWARD' 2001:db8:2::2
}

@test "an nftables chain of the administrator's, by its policy or its last rule" {
	nft 'add table inet mine; add chain inet mine ways { type filter hook forward priority 5; policy drop; }'
	in_the_way forward 'nftables table inet mine, chain ways.*IPv4' 198.51.100.2
	nft 'delete table inet mine; add table ip6 mine; add chain ip6 mine ways { type filter hook forward priority 5; }
		add chain ip6 mine rest; add rule ip6 mine ways ct state established,related accept
		add rule ip6 mine ways iifname "other" accept; add rule ip6 mine ways goto rest
		add rule ip6 mine rest counter reject'
	# not where an earlier container with this one's address already has a connection
	in_the_way forward 'nftables table ip6 mine, chain ways.*IPv6' 2001:db8:1::2
}

@test "a drop in the bridge family" {
	start web --net bridge0
	nft 'add table bridge mine; add chain bridge mine ways { type filter hook forward priority 0; policy drop; }'
	denied in_box --net bridge0 ping -c 1 -W 1 web
	finds fail forward 'nftables table bridge mine, chain ways.*bridge packets'
	apply_cures forward
	gives 0 in_box --net bridge0 ping -c 1 -W 5 web
	gives 0 ct doctor
}

# What docker 20.10 leaves behind in the filter table.
docker_rules()
{
	"$1-restore" <<'RULES'
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
RULES
}

@test "docker's FORWARD policy, in either iptables: the cure goes into DOCKER-USER" {
	for tool in iptables-legacy iptables-nft; do
		docker_rules "$tool"
		in_the_way forward "$tool.*cure: $tool -I DOCKER-USER -i bridge0 -j ACCEPT" 198.51.100.2
		equal "$("$tool" -S DOCKER-USER 1 | head -n 1)" '-A DOCKER-USER -o bridge0 -j ACCEPT'
		"$tool" -P FORWARD ACCEPT
		"$tool" -F
		"$tool" -X
	done
}

@test "rules that let the network through are understood" {
	iptables-legacy -P FORWARD DROP
	iptables-legacy -N lan
	iptables-legacy -A FORWARD -j lan
	iptables-legacy -A lan -i bridge+ -m comment --comment ours -j ACCEPT
	iptables-legacy -A lan ! -o lan1 -j ACCEPT
	gives 0 ct doctor
	iptables-legacy -I lan -o bridge0 -j REJECT
	finds fail forward 'drops IPv4 packets to network bridge0'
	iptables-legacy -D lan 1
	iptables-legacy -I lan -s 10.1.0.0/16 -j DROP
	gives 0 ct doctor
}

@test "bridge-nf-call-iptables, on and off" {
	[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || skip "no br_netfilter here"
	sysctl -qw net.bridge.bridge-nf-call-iptables=1
	finds warn bridge-nf 'on for iptables.*cure: sysctl -w net.bridge.bridge-nf-call-iptables=0'
	apply_cures bridge-nf
	finds ok bridge-nf off
	equal "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables)" 0
}

@test "forwarding that somebody turned off, and a file that will" {
	# whatever starts a container turns it on again: this one was there before
	start web --net bridge0
	sysctl -qw net.ipv4.ip_forward=0
	denied ct exec web ping -c 1 -W 1 198.51.100.2
	finds fail forwarding 'net.ipv4.ip_forward is 0.*IPv4.*bridge0'
	apply_cures forwarding
	gives 0 ct exec web ping -c 1 -W 5 198.51.100.2
	sysctl -qw net.ipv6.conf.all.forwarding=0
	finds fail forwarding 'net.ipv6.conf.all.forwarding is 0.*IPv6.*bridge0'
	apply_cures forwarding
	gives 0 ct doctor
	# what speaks last, behind the file of ours in /run/sysctl.d
	mkdir -p /etc/sysctl.d
	printf '# not a router\nnet/ipv4/ip_forward = 0\n' >/etc/sysctl.d/zzz-host.conf
	finds warn forwarding '/etc/sysctl.d/zzz-host.conf sets net.ipv4.ip_forward to 0'
	apply_cures forwarding
	finds ok forwarding .
	rm /etc/sysctl.d/zzz-host.conf
}

# ports FIRST LAST - that many links on the bridge, whose other ends are elsewhere
ports()
{
	seq "$1" "$2" | sed 's/.*/link add p& master bridge0 type veth peer name e& netns crowd/' | ip -b -
}

@test "a bridge that is nearly full, and a full one" {
	ip netns add crowd
	ports 1 940
	finds warn bridge-ports 'bridge0 is nearly full: 940 of 1023'
	ports 941 1023
	finds fail bridge-ports 'bridge0 is full.*1023.*--driver ptp'
	ip netns del crowd
	wait_for 30 not ip link show p1
	wait_for 30 not ip link show p1023
	finds ok bridge-ports .
}

@test "strict reverse path filtering" {
	sysctl -qw net.ipv4.conf.bridge0.rp_filter=1
	finds warn rp-filter 'bridge0'
	apply_cures rp-filter
	finds ok rp-filter .
}

@test "a program that is not there" {
	[ -x /usr/sbin/dnsmasq ] || skip "no dnsmasq here"
	mount --bind /dev/null /usr/sbin/dnsmasq
	finds warn programs 'dnsmasq.*cure: apt-get install dnsmasq-base'
	umount /usr/sbin/dnsmasq
	finds ok programs .
}

@test "NetworkManager that is not told of our links; and is" {
	cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/NetworkManager"
	bg nm "$BATS_TEST_TMPDIR/NetworkManager" 1000
	mkdir -p /etc/NetworkManager/conf.d
	finds warn managers 'NetworkManager.*10-ctnet.conf'
	# there is no nmcli to tell it
	apply_cures managers || true
	finds ok managers .
	grep -q '^unmanaged-devices+=interface-name:ve' /etc/NetworkManager/conf.d/10-ctnet.conf
	rm /etc/NetworkManager/conf.d/10-ctnet.conf
}

@test "an INPUT policy is in the way of a network's DNS server alone" {
	iptables-legacy -P INPUT DROP
	gives 0 ct doctor
	ctnet create names --dns-server
	finds fail input 'iptables-legacy table ip filter, chain INPUT.*names.*DNS'
	apply_cures input
	finds ok input .
}

@test "-j: one object for each finding" {
	iptables-legacy -P FORWARD DROP
	gives 1 ct doctor -j
	jq -e 'all(.[]; has("check") and has("status") and has("message") and has("cure"))' <<<"$output"
	jq -e 'any(.[]; .check == "forward" and .status == "fail" and (.cure | test("iptables-legacy")))' <<<"$output"
	jq -e 'any(.[]; .status == "ok" and .cure == null)' <<<"$output"
}

# what looking could change
host()
{
	ip -o link | sed 's/qlen.*//'
	nft -s list ruleset
	cat /proc/net/ip_tables_names /proc/net/ip6_tables_names
	grep -H . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding
	cut -d' ' -f1 /proc/modules 2>/dev/null || true
}

@test "looking changes nothing" {
	host >"$BATS_TEST_TMPDIR/before"
	gives 0 ct doctor
	host | diff "$BATS_TEST_TMPDIR/before" -
}

@test "without privileges that is what is said, and what can be seen" {
	gives 1 setpriv --reuid 1000 --regid 1000 --clear-groups ct doctor
	prints 'fail capabilities: CAP_NET_ADMIN is missing.*cure: sudo ct doctor'
	prints 'ok managers: '
}
