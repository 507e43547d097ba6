#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every header compiles alone, so nobody depends on the order of includes.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
cc=${CC:-cc}
flags=$(pkg-config --cflags libmnl libnftnl libseccomp libcap jansson)
status=0
for header in $(files '*.h'); do
	# shellcheck disable=SC2086 # flags are words
	echo "#include \"$header\"" |
		$cc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter -Werror -fsyntax-only \
			-I. -I"$build_dir/gen" $flags -x c - || status=1
done
exit $status
