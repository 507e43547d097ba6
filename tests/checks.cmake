# SPDX-License-Identifier: GPL-2.0-or-later
#
# Analysers as tests: tests/checks/NAME.sh SOURCE BUILD [ARG...]. A tool that is
# not installed skips its check (77). What is exempt, and why, stands in the
# script or in .clang-tidy. They compute where other tests mostly wait, so they
# step back for them, count double, and the long ones begin first.

function(ct_check name script cost)
	add_test(NAME check/${name} COMMAND nice -n 10 ${CMAKE_CURRENT_SOURCE_DIR}/checks/${script}.sh
		${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR} ${ARGN})
	set_tests_properties(check/${name} PROPERTIES
		TIMEOUT 1200 SKIP_RETURN_CODE 77 COST ${cost} PROCESSORS 2)
endfunction()

foreach(name codespell cppcheck format headers install layers man shellcheck testing)
	ct_check(${name} ${name} 0)
endforeach()

# The slowest one, split so that two cores share it and others still get a turn.
ct_check(tidy-net tidy 1000 net/)
ct_check(tidy-core tidy 1000 core/ --not core/base/ core/tools/)
ct_check(tidy-tests tidy 40 tests/)
ct_check(tidy-cli tidy 20 cli/)
ct_check(tidy-base tidy 20 core/base/ core/tools/)
