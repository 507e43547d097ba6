#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Words that mean nothing, or nothing together, are refused before anything is
# made: one line that names them, and the cure where it is known. What other
# files say of an option's use they refuse themselves; here is what is left.

load lib

# no ARG... - ctrun refuses them, by the expression in $why
no()
{
	refuses 125 "$why" ctrun --rootfs /nowhere "$@" true
}

# more_than N WORD... - WORD... N + 1 times: into the array more
more_than()
{
	local i n=$1
	more=()
	for ((i = 0; i <= n; i++)); do
		more+=("${@:2}")
	done
}

@test "ctrun: of the start" {
	why="'sometimes': no, on-failure.*always or unless-stopped" no -d --restart sometimes
	why="'syslog': file, or none" no -d --log-driver syslog
	why='a log of 10 is too small: 1K at least' no -d --log-opt max-size=10
	why='is no size' no -d --log-opt "max-size=$(printf '%040d' 1)M"
	why="'0' is no time at all" no -d --health-cmd true --health-interval 0
	why="'some': the only word here is 'all'" no --host-root=some
	why='a command is missing' no -d --health-cmd ''
	refuses 125 'too few arguments' ctrun --rootfs /nowhere
}

@test "ctrun: of namespaces, ids and safety" {
	why="'private': 'auto' finds ids" no --userns private
	why='an offset is expected, such as \+3d' no --timens ''
	why='--net needs net in --only' no --only pid --net bridge0
	why='make a user namespace: no --userns' no --userns host --uidmap 0:100000:65536
	why='want the name of a profile, or unconfined' no --security-opt apparmor=
	why='not an absolute path' no --workdir relative
}

@test "ctrun: of files and networks" {
	why="'a b' is no host name" no --add-host 'a b:192.0.2.1'
	why="'source' needs a value: source=\.\.\." no --mount type=bind,source,target=/a
	more_than 8 --net bridge0
	why='at most [0-9]+ networks' no "${more[@]}" "${more[@]}" "${more[@]}" "${more[@]}"
	more_than 32 --net phys:eth0
	why='at most [0-9]+ interfaces of the host' no "${more[@]}"
	why='container nobody' no --net container:nobody
}

@test "ct: words of a container's commands" {
	refuses 2 "health=ill: want none, starting, healthy or unhealthy" ct ps --filter health=ill
	refuses 2 "'soon' is no time|soon" ct logs --since soon one
	more_than 32 ctrl-a,
	refuses 125 'at most [0-9]+ keys' ct attach --detach-keys "$(printf %s "${more[@]}")" one
	refuses 1 'no container n+' ct cp "$(printf 'n%.0s' {1..80}):/x" /tmp
	refuses 2 "'[0-9]+/tcp' is not PORT" ct port one 123456789/tcp
}

@test "ctnet: words of a network" {
	more_than 8 --subnet 10.99.0.0/24
	refuses 2 'at most [0-9]+ subnets' ctnet create "${more[@]}" bridge0
	more_than 8 --gateway 10.99.0.1
	refuses 2 'at most [0-9]+ gateways' ctnet create "${more[@]}" bridge0
	refuses 2 "'zzzzzz=1' is no filter" ctnet ls --filter zzzzzz=1
	complains 'hint: name= driver= label='
	refuses 2 "unknown command 'zzzzzz'" ctnet zzzzzz
	complains "hint: 'ctnet --help' lists the commands"
	equal "$(ctnet ls -q)" ""
}

@test "ctlab: words of a lab" {
	local lab=$BATS_TEST_TMPDIR/w.ini
	printf '[node.a]\n[node.b]\n[links]\nx = a:eth0 b:eth0\n' >"$lab"
	refuses 2 "'png' is not dot, mermaid, svg or html" ctlab graph --format png "$lab"
	refuses any '--only: no node is named' ctlab up --only , "$lab"
	refuses any '--only: the file has no node c' ctlab up --only c "$lab"
	equal "$(ctlab ls -j)" '[]'
}

# configured SECTION KEY VALUE COMMAND... - with that alone in its ctnet.conf
configured()
{
	printf '[%s]\n%s = %s\n' "$1" "$2" "$3" >"$BATS_TEST_TMPDIR/ctnet.conf"
	shift 3
	"$@" --config "$BATS_TEST_TMPDIR/ctnet.conf"
}

@test "ctnet.conf: values that cannot be" {
	refuses any 'between 1 and [0-9]+ prefixes are expected' \
		configured ipam pools , ctnet ls
	refuses any 'between 1 and [0-9]+ addresses are expected' \
		configured publish address , ctnet ls
	refuses any '0\.0\.0\.0 includes the others' \
		configured publish address '0.0.0.0 192.0.2.1' ctnet ls
	refuses any "'\.\.' is not allowed in a cgroup path" \
		configured cgroup parent a/../b ctnet ls
	refuses any 'path too long: /n+' ctnet ls --config "/$(printf 'n%.0s' {1..5000})/c"
}

@test "completion: commands, groups, options, networks, namespaces" {
	equal "$(ct __complete ctnet cre)" create
	equal "$(ct __complete ctnet ns l | xargs)" ls
	equal "$(ct __complete ctnet create --ip-r)" --ip-range
	# of all commands, whether it is the command's own or not
	equal "$(ct __complete ctnet create --jso)" --json
	equal "$(ct __complete ctrun --hostn)" --hostname
	equal "$(ct __complete ctnet create --zzzzzz; ct __complete ctnet zzzzzz)" ""
	gives 0 ctnet create bridge0 --subnet 10.99.0.0/24
	equal "$(ct __complete ctrun --net b)" bridge0
	equal "$(ct __complete ctnet rm '')" bridge0
	ctnet rm bridge0
	ip netns add there
	equal "$(ct __complete ctnet ns exec th)" there
	ip netns del there
	equal "$(ct __complete ctnet ns exec th)" ""
}
