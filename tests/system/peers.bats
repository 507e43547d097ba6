#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real programs beside ctnet on one machine: tcpdump where packets should be and
# where none should, web servers, docker's rules with the doctor's cure, those
# who configure every link they see, and one who wants all of a name server.

load lib
load attack

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
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	local tool
	bg_end
	remove_networks
	nft flush ruleset
	for tool in iptables-legacy ip6tables-legacy; do
		$tool -P FORWARD ACCEPT
		$tool -F
		$tool -X
	done
}

# ---- tcpdump -----------------------------------------------------------------

# watch NAME WHO LINK FILTER... - what passes there is in NAME.out
watch()
{
	local in
	where "$2"
	bg "$1" "${in[@]}" tcpdump -l -n -i "$3" "${@:4}"
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/$1.err"
}

watched()
{
	grep -qE "$2" "$BATS_TEST_TMPDIR/$1.out"
}

@test "tcpdump: on the wire a container is its host, on the bridge it is itself" {
	box a --net bridge0
	watch wire lan eth0 'icmp or icmp6'
	watch bridge host bridge0 'icmp or icmp6'
	pings a 198.51.100.2
	pings a 2001:db8:2::2
	wait_for 10 watched wire '192\.0\.2\.1 > 198\.51\.100\.2: ICMP echo request'
	wait_for 10 watched wire '2001:db8:1::1 > 2001:db8:2::2: ICMP6, echo request'
	wait_for 10 watched bridge "$(addr a 4) > 198\.51\.100\.2: ICMP echo request"
	wait_for 10 watched bridge "$(addr a 6) > 2001:db8:2::2: ICMP6, echo request"
	! watched wire '10\.99\.|fd99:' || fail "a container's own address is on the wire"
}

@test "tcpdump: of what may not leave nothing is on the wire, nor on another bridge" {
	local v vain=() far=([4]=198.51.100.2 [6]=2001:db8:2::2)
	ctnet create quiet --subnet 10.97.0.0/24 --subnet fd97::/64 --internal
	ctnet create two --subnet 10.98.0.0/24 --subnet fd98::/64
	box a --net bridge0
	box b --net two
	box c --net quiet
	at c ip route add default via 10.97.0.1
	at c ip -6 route add default via fd97::1
	watch wire lan eth0 'icmp or icmp6'
	watch two b eth0 'icmp or icmp6[0] = 128'
	for v in 4 6; do
		vain+=("no_ping c ${far[v]}" "no_ping c $(addr b $v)" "no_ping a $(addr b $v)")
	done
	all "${vain[@]}"
	# what is sent later has been seen
	pings host "$(addr b 4)"
	pings host "$(addr b 6)"
	pings a 198.51.100.2
	pings a 2001:db8:2::2
	wait_for 10 watched two '10\.98\.0\.1 > '
	wait_for 10 watched two 'fd98::1 > '
	wait_for 10 watched wire '192\.0\.2\.1 > '
	wait_for 10 watched wire '2001:db8:1::1 > '
	! watched wire '10\.97\.|fd97:' || fail "an internal network's packets are on the wire"
	! watched two '(10\.97\.|fd97:|10\.99\.|fd99:)[^ ]* >' || fail "networks are not apart"
}

# ---- servers -----------------------------------------------------------------

@test "curl from a neighbour to a published nginx" {
	need curl
	need nginx
	local dir=$BATS_TEST_TMPDIR
	echo served >"$dir/page"
	cat >"$dir/nginx.conf" <<-EOT
		daemon off;
		master_process off;
		user root;
		pid $dir/nginx.pid;
		error_log stderr;
		events { }
		http {
			access_log off;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			server { listen 80; listen [::]:80; root $dir; }
		}
	EOT
	box web --net bridge0 -p 8080:80
	bg nginx nsenter -t "$(<"$dir/pid.web")" -n nginx -e stderr -c "$dir/nginx.conf"
	wait_for 10 ip netns exec lan curl -sf -m 2 http://192.0.2.1:8080/page ||
		fail "nginx: $(<"$dir/nginx.err")"
	equal "$(ip netns exec lan curl -gsf -m 5 'http://[2001:db8:1::1]:8080/page')" served
}

@test "one who holds every TCP connection a name server takes does not silence it" {
	need dnsmasq
	need dig
	local i server
	ctnet create names --subnet 10.95.0.0/24 --subnet fd95::/64 --dns-server
	box one --net names
	box two --net names
	for ((i = 0; i < 30; i++)); do
		bg "hold$i" nsenter -t "$(<"$BATS_TEST_TMPDIR/pid.one")" -n \
			socat -u TCP:10.95.0.1:53 "OPEN:$BATS_TEST_TMPDIR/got,creat"
	done
	wait_for 10 eval '[ "$(at one ss -Htn state established dport = :53 | wc -l)" = 30 ]'
	for server in 10.95.0.1 fd95::1; do
		equal "$(at two dig +short +tries=1 +time=5 "@$server" one A)" "$(addr one 4)"
		equal "$(at two dig +short +tries=1 +time=5 "@$server" one AAAA)" "$(addr one 6)"
	done
}

# ---- docker ------------------------------------------------------------------

docker_rules()
{
	"$1" -N DOCKER-USER
	"$1" -A FORWARD -j DOCKER-USER
	"$1" -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
	"$1" -A DOCKER-USER -j RETURN
	"$1" -P FORWARD DROP
}

goes_out_and_in()
{
	all 'pings web 198.51.100.2' 'pings web 2001:db8:2::2' \
		'reaches lan 192.0.2.1 8080 web' 'reaches lan 2001:db8:1::1 8080 web'
}

@test "docker's FORWARD policy: with the doctor's cure all is as ever, and as closed as ever" {
	local kind cures
	ip -n lan route add 10.99.0.0/24 via 192.0.2.1
	ip -n lan -6 route add fd99::/64 via 2001:db8:1::1
	box web --net bridge0 -p 8080:80 -p 8080:80/udp
	answer web 80
	goes_out_and_in
	for kind in legacy nft; do
		docker_rules "iptables-$kind"
		docker_rules "ip6tables-$kind"
		all 'no_ping web 198.51.100.2' 'no_ping web 2001:db8:2::2' \
			'kept_from lan 192.0.2.1 8080' 'kept_from lan 2001:db8:1::1 8080'
		gives 1 ct doctor
		cures=$(ct doctor -j | jq -r '.[] | select(.check == "forward") | .cure // empty') || true
		[[ $cures == *DOCKER-USER* ]] || fail "no cure"
		eval "$cures" 3>&-
		goes_out_and_in
		all "kept_from lan $(addr web 4) 80" "kept_from lan $(addr web 6) 80"
		gives 0 ct doctor
		for tool in "iptables-$kind" "ip6tables-$kind"; do
			"$tool" -P FORWARD ACCEPT
			"$tool" -F
			"$tool" -X
		done
	done
	ip -n lan route flush 10.99.0.0/24
	ip -n lan -6 route flush fd99::/64
}

# ---- NetworkManager, systemd-networkd, udev ------------------------------------

@test "what keeps NetworkManager, networkd and udev off our links means exactly them" {
	local conf=$CT_TESTS/../conf file host pattern
	box a --net bridge0
	host=$(ctnet inspect -j bridge0 | jq -r '.[0].containers[0].host_ifname')
	for file in 's/^unmanaged-devices+=interface-name://p networkmanager.conf' \
		's/^Name=//p networkd.network' 's/^KERNEL=="\([^"]*\)".*/\1/p udev.rules'; do
		pattern=$(sed -n "${file% *}" "$conf/${file##* }")
		[ -n "$pattern" ] || fail "nothing in $file"
		# shellcheck disable=SC2053 # a pattern it is
		[[ $host == $pattern ]] || fail "${file##* }: $pattern does not mean $host"
		# shellcheck disable=SC2053
		[[ veth1a2b3c != $pattern ]] || fail "${file##* }: $pattern means another's"
	done
	grep -q "ATTR{netdev_group}==\"$(cat /sys/class/net/bridge0/netdev_group)\"" "$conf/udev.rules"
}
