#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Names: who resolves whom, aliases, containers on several networks, the
# gateway's name, lines and servers of one's own, files of named namespaces.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	ctnet create one --subnet 10.99.1.0/24 --subnet fd99:1::/64
	ctnet create two --subnet 10.99.2.0/24 --subnet fd99:2::/64
}

teardown()
{
	bg_end
	remove_networks
	rm -rf /etc/netns
	for ns in $(ctnet ns ls); do
		ctnet ns rm "$ns"
	done
}

# line CONTAINER ADDRESS NAMES - its hosts file has that line
line()
{
	ct exec "$1" sed 's/ *$//' /etc/hosts | grep -qx "$2"$'\t'"$3" ||
		fail "no $2 $3: $(ct exec "$1" cat /etc/hosts)"
}

# knows CONTAINER NAME, and its contrary
knows()
{
	ct exec "$1" grep -qw "$2" /etc/hosts || fail "$1 does not know $2"
}

knows_not()
{
	! ct exec "$1" grep -w "$2" /etc/hosts || fail "$1 knows $2"
}

@test "aliases, both families, and gone with their container" {
	start c --net one:ip=10.99.1.9,ip6=fd99:1::9,alias=www,alias=cdn --hostname web
	start d --net one
	line d 10.99.1.9 'c web www cdn'
	line d fd99:1::9 'c web www cdn'
	gives 0 ct exec d ping -c 1 -W 5 cdn
	gives 0 ct exec d ping -6 -c 1 -W 5 www
	refuses 125 'alias' in_box --net one:alias=a/b true
}

@test "names are a network's own" {
	start c --net one
	start d --net two
	start e --net one --net two
	knows_not c d
	knows_not d c
	knows e c
	knows e d
	knows c e
	knows d e
}

@test "a container on several networks resolves to its address on each" {
	start m --net one:ip=10.99.1.8,ip6=fd99:1::8 --net two:ip=10.99.2.8,ip6=fd99:2::8,alias=multi
	start c --net one
	start d --net two
	line c 10.99.1.8 m
	line c fd99:1::8 m
	line d 10.99.2.8 'm multi'
	line d fd99:2::8 'm multi'
	knows_not c multi
	line m 10.99.1.8 m
	line m 10.99.2.8 'm multi'
	gives 0 ct exec d ping -c 1 -W 5 m
	gives 0 ct exec c ping -c 1 -W 5 m
}

@test "the gateway has a name" {
	start c --net one
	line c 10.99.1.1 '_gateway one-gateway'
	line c fd99:1::1 '_gateway one-gateway'
	gives 0 ct exec c ping -c 1 -W 5 _gateway
	gives 0 ct exec c ping -6 -c 1 -W 5 one-gateway
	start e --net one --net two
	line e 10.99.2.1 '_gateway two-gateway'
	line e fd99:2::1 '_gateway two-gateway'
}

@test "--add-host: addresses of both families, and the host's" {
	start c --net one --add-host db:192.0.2.9 --add-host db6:2001:db8::9 --add-host up:host-gateway
	gives 0 ct exec c cat /etc/hosts
	prints '192\.0\.2\.9 db'
	prints '2001:db8::9 db6'
	prints '10\.99\.1\.1 up'
	prints 'fd99:1::1 up'
	gives 0 ct exec c ping -c 1 -W 5 up
	start d --net one
	knows c d
	knows_not d db
	gives 0 in_box --net host --add-host up:host-gateway grep -w up /etc/hosts
	prints '127\.0\.0\.1 up'
	refuses 125 'no network' in_box --add-host up:host-gateway true
	refuses 125 'db' in_box --net one --add-host db true
}

@test "what is joined later is resolved, and forgotten when it is left" {
	start c --net one --hostname web
	start d --net two
	gives 0 ctnet connect two c --ip 10.99.2.7 --ip6 fd99:2::7 --alias late
	knows c d
	line d 10.99.2.7 'c late'
	line d fd99:2::7 'c late'
	line c 10.99.2.1 '_gateway two-gateway'
	# from then on its file follows both
	start e --net two
	start f --net one
	knows c e
	knows c f
	gives 0 ctnet disconnect two c
	knows_not c d
	knows_not c e
	knows_not c two-gateway
	knows c f
	knows_not d late
	gives 0 ctnet disconnect one c
	knows_not c f
	gives 0 ctnet connect two c
	knows c d
	gives 0 ct exec c cat /etc/hosts
	prints '127\.0\.0\.1.localhost'
}

@test "lines of its own stay when a container without network is connected" {
	start c --add-host db:192.0.2.9
	start d --net one
	gives 0 ctnet connect one c
	gives 0 ct exec c cat /etc/hosts
	prints '192\.0\.2\.9 db'
	! [[ $output =~ 127\.0\.1\.1 ]] || fail "its name is not on the network"
	knows c d
	knows d c
	denied ct exec c sh -c 'echo x >>/etc/hosts'
}

@test "names follow a container whose first network is removed" {
	local leave
	# the network's own file is the container's until then
	for leave in 'ctnet disconnect one c' true; do
		ctnet inspect one >/dev/null 2>&1 || ctnet create one --subnet 10.99.1.0/24
		start c --net one
		# shellcheck disable=SC2086 # several words
		gives 0 $leave
		gives 0 ctnet rm -f one
		knows_not c one-gateway
		# one file, not one upon another
		gives 0 ct exec c grep -c ' /etc/hosts ' /proc/self/mountinfo
		equal "$output" 1
		gives 0 ctnet connect two c
		start d --net two
		line c "$(address d 4)" d
		remove_containers
		bg_end
	done
}

@test "a hosts file that the user mounted is left alone" {
	printf '192.0.2.1 mine\n' >"$BATS_TEST_TMPDIR/hosts"
	start c -v "$BATS_TEST_TMPDIR/hosts:/etc/hosts" --net one
	gives 0 ctnet connect two c
	complains 'a file of its own'
	gives 0 ct exec c cat /etc/hosts
	equal "$output" '192.0.2.1 mine'
	equal "$(cat "$BATS_TEST_TMPDIR/hosts")" '192.0.2.1 mine'
}

@test "a container that renames /etc leads nowhere else" {
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/rw"
	bg c ctrun --name c --rootfs "$BATS_TEST_TMPDIR/rw" --rootfs-rw --net one \
		sh -c 'mv /etc /moved; mkdir /etc; ln -s /proc/1/environ /etc/hosts; sleep 1000'
	wait_for 15 is_running c
	wait_for 5 ct exec c test -L /etc/hosts
	local before
	before=$(md5sum /etc/hosts)
	gives 0 ctnet connect two c
	complains 'a file of its own'
	equal "$(md5sum /etc/hosts)" "$before"
	equal "$(grep -c hosts-own /proc/self/mountinfo)" 0
	gives 0 ct exec c ping -c 1 -W 5 10.99.2.1
}

@test "resolv.conf: --dns as given, no search domain" {
	gives 0 in_box --net one --dns 192.0.2.53 --dns 2001:db8::53 cat /etc/resolv.conf
	prints 'nameserver 192\.0\.2\.53'
	prints 'nameserver 2001:db8::53'
	printf 'search evil.example\ndomain evil.example\nnameserver 192.0.2.1\n' >/tmp/resolv
	mount --bind /tmp/resolv /etc/resolv.conf || skip "/etc/resolv.conf cannot be covered here"
	run --separate-stderr in_box --net one cat /etc/resolv.conf
	umount /etc/resolv.conf
	equal "$status" 0
	prints 'nameserver 192\.0\.2\.1'
	! [[ $output =~ evil ]] || fail "a search domain"
}

@test "files of /etc/netns/NAME are those of containers in it" {
	ctnet ns add blue
	mkdir -p /etc/netns/blue
	echo '192.0.2.9 blue-db' >/etc/netns/blue/hosts
	echo 'nameserver 192.0.2.99' >/etc/netns/blue/resolv.conf
	gives 0 in_box --net ns:blue cat /etc/hosts /etc/resolv.conf
	prints 'blue-db'
	prints '192\.0\.2\.99'
	gives 0 ctnet ns exec blue cat /etc/resolv.conf
	prints '192\.0\.2\.99'
}
