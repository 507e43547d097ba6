# SPDX-License-Identifier: GPL-2.0-or-later
#
# System tests: every tests/system/*.bats against the programs of each variant,
# each in a sandbox of its own (tests/system/sandbox). A skipped case says why
# in the log; a file is skipped as a whole (77) where no sandbox can be made.
#
# They mostly wait, so several run on each cpu (tests/run). The long ones begin
# first, or the last one would run alone: those named, then by number of cases.

find_program(BATS bats)
set(system_long publish drivers isolation bridge_nf attacks spoof reload connect
	kill kill_bridge kill_detached kill_lease kill_macvlan kill_ptp kill_restart kill_vxlan)
# How many parts of a sanitized run go beside each other, FILE=PARTS: of those that
# die at every step, part K at every PARTSth (tests/system/kill.bash).
set(system_parts kill=3 kill_restart=2)
# What measures bytes a second has the machine to itself.
set(system_alone rate lab_accuracy)
# No leak check: LeakSanitizer attaches to its process with ptrace, which a
# non-dumpable process refuses, and then fails the run. The unit tests look for leaks.
set(system_env_san "ASAN_OPTIONS=detect_leaks=0:exitcode=99"
	"UBSAN_OPTIONS=print_stacktrace=1:exitcode=99" "CT_SANITIZED=1")

# ct_system_test(TEST FILE SUFFIX [ENVIRONMENT...])
function(ct_system_test test file suffix)
	get_filename_component(name ${file} NAME_WE)
	add_test(NAME system/${test}${suffix}
		COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/system/sandbox
			${CMAKE_BINARY_DIR}/bin${suffix} ${BATS} --tap --timing ${file})
	file(STRINGS ${file} cases REGEX "^@test")
	list(LENGTH cases cost)
	if(name IN_LIST system_long)
		math(EXPR cost "100 + ${cost}")
	endif()
	set_tests_properties(system/${test}${suffix} PROPERTIES
		TIMEOUT 600 SKIP_RETURN_CODE 77 COST ${cost} ENVIRONMENT "${ARGN}")
	if(name IN_LIST system_alone)
		set_tests_properties(system/${test}${suffix} PROPERTIES RUN_SERIAL ON)
	endif()
endfunction()

file(GLOB system_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/system/*.bats)

function(ct_system_tests)
	foreach(file ${system_files})
		get_filename_component(name ${file} NAME_WE)
		ct_system_test(${name} ${file} "")
	endforeach()
endfunction()

function(ct_system_tests_san)
	foreach(file ${system_files})
		get_filename_component(name ${file} NAME_WE)
		if(name MATCHES "^faults")
			continue() # a sanitizer makes calls of its own; its turn is tests/faults/run
		endif()
		if(NOT "${system_parts}" MATCHES "(^|;)${name}=([0-9]+)")
			ct_system_test(${name} ${file} -san ${system_env_san})
			continue()
		endif()
		set(parts ${CMAKE_MATCH_2})
		foreach(part RANGE 1 ${parts})
			ct_system_test(${name}.${part} ${file} -san ${system_env_san}
				"CT_PART=${part}/${parts}")
		endforeach()
	endforeach()
endfunction()

# What the README shows first must not rot.
add_test(NAME system/demo COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/demo --built)
set_tests_properties(system/demo PROPERTIES TIMEOUT 300 SKIP_RETURN_CODE 77
	ENVIRONMENT BUILD=${CMAKE_BINARY_DIR})

if(BATS)
	ct_system_tests()
	if(CT_SANITIZE)
		ct_system_tests_san()
	endif()
else()
	message(STATUS "bats not found: no system tests")
endif()
