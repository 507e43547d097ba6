#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` puts in place: the programs, a manual page for every
# page there is, completion, the configuration; nothing that is setuid; and an
# administrator's configuration survives a second time.
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
[ "$("$root/usr/bin/ctnet" --version)" = "$("$build_dir/bin/ct" --version)" ] || complain "ctnet does not run"
[ -z "$(find "$root" -perm /6000)" ] || complain "something is setuid: $(find "$root" -perm /6000)"
[ -s "$root/etc/ctnet/ctnet.conf" ] || complain "no /etc/ctnet/ctnet.conf"
echo '# mine' >"$root/etc/ctnet/ctnet.conf"
install
[ "$(cat "$root/etc/ctnet/ctnet.conf")" = '# mine' ] || complain "ctnet.conf was replaced"
exit $status
