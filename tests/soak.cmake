# SPDX-License-Identifier: GPL-2.0-or-later
#
# Churn (tests/soak/run): a short run of one seed, which prints it. Growth of what
# the whole machine has is not judged beside other tests, and ten minutes are a
# command of their own.

find_program(PYTHON3 python3)
if(PYTHON3)
	add_test(NAME soak/short COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/soak/run
		--quick --seed 1 --seconds 18 ${CMAKE_BINARY_DIR})
	set_tests_properties(soak/short PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77 COST 50)
else()
	message(STATUS "python3 not found: no churn")
endif()
