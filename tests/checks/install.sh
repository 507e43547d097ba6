#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` puts in place: the programs, a manual page for every
# page there is, completion, the configuration, what tells the host's programs of
# ours; nothing that is setuid; and an administrator's configuration survives a
# second time.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need cmake
[ -x "$build_dir/bin/ct" ] || { echo "skipped: $build_dir/bin/ct is not built"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
status=0

complain()
{
	echo "$*"
	status=1
}

install()
{
	DESTDIR=$root cmake --install "$build_dir" --prefix /usr >"$root/log" || {
		cat "$root/log"
		exit 1
	}
}

install
for name in ct ctnet ctrun ctlab; do
	[ -x "$root/usr/bin/$name" ] || complain "no /usr/bin/$name"
	[ -s "$root/usr/share/bash-completion/completions/$name" ] || complain "no completion of $name"
done
for page in docs/man/*.[1-9]; do
	[ -s "$root/usr/share/man/man${page##*.}/${page##*/}" ] || complain "no ${page##*/}"
done
for lab in conf/labs/*.ini; do
	[ -s "$root/usr/share/ctnet/labs/${lab##*/}" ] || complain "no ${lab##*/}"
done
[ "$("$root/usr/bin/ctnet" --version)" = "$("$build_dir/bin/ct" --version)" ] || complain "ctnet does not run"
[ -z "$(find "$root" -perm /6000)" ] || complain "something is setuid: $(find "$root" -perm /6000)"
[ -s "$root/etc/ctnet/ctnet.conf" ] || complain "no /etc/ctnet/ctnet.conf"
lib=$root/usr/lib
for file in systemd/system/ctnet-reload.service systemd/system/{nftables,firewalld}.service.d/10-ctnet.conf \
	systemd/network/05-ctnet.network systemd/network/05-ctnet-bridge.network \
	udev/rules.d/70-ctnet.rules NetworkManager/conf.d/10-ctnet.conf; do
	[ -s "$lib/$file" ] || complain "no /usr/lib/$file"
done
while read -r line; do
	[ -x "$root${line%% *}" ] || complain "a unit starts what is not there: $line"
done < <(grep -hoP '^Exec\w+=-?\K.*' -r "$lib/systemd/system")
# The units as systemd reads them, with a firewall of the host's beside them.
if command -v systemd-analyze >/dev/null; then
	for service in nftables firewalld; do
		printf '[Service]\nType=oneshot\nExecStart=/usr/bin/ctnet --version\n' \
			>"$lib/systemd/system/$service.service"
	done
	systemd-analyze --root="$root" --man=no verify ctnet-reload.service nftables.service \
		firewalld.service >"$root/verify" 2>&1
	# its own targets are not in this root
	! grep -Ev 'multi-user|network-pre|sysinit|basic\.target|shutdown\.target|systemd-sysctl' "$root/verify" |
		grep -E 'ctnet|10-ctnet|Unknown|Failed' || complain "systemd does not like the units"
else
	echo "not looked at: the units (no systemd-analyze here)"
fi
echo '# mine' >"$root/etc/ctnet/ctnet.conf"
install
[ "$(cat "$root/etc/ctnet/ctnet.conf")" = '# mine' ] || complain "ctnet.conf was replaced"
exit $status
