# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is worth a run on another kernel (tests/vm/run). Tests of the label vm exist
# only for `ctest -C vm`, which runs in that machine, and have time for one
# that is emulated. vm/suite boots it and runs them all.

option(CT_VM_TESTS "Test on Debian's stock kernel too, under QEMU: minutes" OFF)

set(vm_cmocka
	unit/core_bpf_device unit/core_cgroup unit/core_cgroup_hosts unit/core_cgroup_update
	wire/net_fabric wire/net_fabric_need wire/net_inside wire/net_link_kind wire/net_qdisc)

function(ct_vm_test name)
	add_test(NAME vm/${name} CONFIGURATIONS vm COMMAND ${ARGN})
	set_tests_properties(vm/${name} PROPERTIES
		LABELS vm TIMEOUT 900 SKIP_RETURN_CODE 77)
endfunction()

foreach(test ${vm_cmocka})
	string(REPLACE / _ target ${test})
	ct_vm_test(${test} ${target})
endforeach()

# Of the system tests the cases (or files) that have the tag vm. They are timed, so one
# after the other.
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/system/*.bats)
foreach(file ${files})
	file(STRINGS ${file} tags REGEX "^# bats (file_|test_)tags=vm$")
	if(BATS AND tags)
		get_filename_component(name ${file} NAME_WE)
		ct_vm_test(system/${name} ${CMAKE_CURRENT_SOURCE_DIR}/system/sandbox
			${CMAKE_BINARY_DIR}/bin ${BATS} --tap --timing --filter-tags vm ${file})
		set_tests_properties(vm/system/${name} PROPERTIES RUN_SERIAL ON)
	endif()
endforeach()

if(CT_VM_TESTS)
	add_test(NAME vm/suite COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/run ${CMAKE_BINARY_DIR})
	set_tests_properties(vm/suite PROPERTIES
		RUN_SERIAL ON TIMEOUT 1500 SKIP_RETURN_CODE 77)
endif()
