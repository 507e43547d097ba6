# SPDX-License-Identifier: GPL-2.0-or-later
#
# Analysers as tests: tests/checks/NAME.sh SOURCE BUILD [ARG...]. A tool that is
# not installed skips its check (77). What is exempt, and why, stands in the
# script or in .clang-tidy.

function(ct_check name script)
	add_test(NAME check/${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/checks/${script}.sh
		${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR} ${ARGN})
	set_tests_properties(check/${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

foreach(name codespell cppcheck format headers install layers man shellcheck testing)
	ct_check(${name} ${name})
endforeach()

# The slowest one, split so that two cores share it.
ct_check(tidy-base tidy core/base/ core/tools/)
ct_check(tidy-core tidy core/ --not core/base/ core/tools/)
ct_check(tidy-net tidy net/)
ct_check(tidy-cli tidy cli/)
ct_check(tidy-tests tidy tests/)
