# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is worth a run on another kernel (tests/vm/run). Tests of the label vm exist
# only for `ctest -C vm`, which runs in that machine, and have time for one
# that is emulated. vm/suite boots it and runs them all.

option(CT_VM_TESTS "Test on Debian's stock kernel too, under QEMU: minutes" OFF)

# What asks the kernel; what only reckons gives the same result on each.
set(vm_unit "^(base_(dir|fd|proc|signal)|core_.*|net_(names_own|store))$")
set(vm_wire ".*")
# What is timed, or fills the tables that all namespaces share, has the machine to
# itself; what lays maps of ids on mounts has its files on a file system that takes them,
# the machine's disk.
set(vm_alone lab_demo lab_impair lab_netem labs net_probe)
set(vm_on_disk userns)
# What takes longest begins first, or it would run alone at the end.
set(vm_first net_driver)

function(ct_vm_test name)
	add_test(NAME vm/${name} CONFIGURATIONS vm COMMAND ${ARGN})
	set_tests_properties(vm/${name} PROPERTIES
		LABELS vm TIMEOUT 600 SKIP_RETURN_CODE 77)
	get_filename_component(noun ${name} NAME)
	if(noun IN_LIST vm_alone)
		set_tests_properties(vm/${name} PROPERTIES RUN_SERIAL ON)
	endif()
	if(noun IN_LIST vm_first)
		set_tests_properties(vm/${name} PROPERTIES COST 1000)
	endif()
endfunction()

foreach(kind unit wire)
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${kind}/*.c)
	foreach(file ${files})
		get_filename_component(name ${file} NAME_WE)
		if(name MATCHES "${vm_${kind}}")
			ct_vm_test(${kind}/${name} ${kind}_${name})
		endif()
	endforeach()
endforeach()

# The cases (or files) that have the tag vm; the longest first, or the last one would run alone.
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/system/*.bats)
foreach(file ${files})
	file(STRINGS ${file} tags REGEX "^# bats (file_|test_)tags=vm$")
	if(BATS AND tags)
		get_filename_component(name ${file} NAME_WE)
		ct_vm_test(system/${name} ${CMAKE_CURRENT_SOURCE_DIR}/system/sandbox
			${CMAKE_BINARY_DIR}/bin ${BATS} --tap --timing --filter-tags vm ${file})
		if(tags MATCHES file_tags)
			file(STRINGS ${file} tags REGEX "^@test")
		endif()
		list(LENGTH tags cost)
		set_tests_properties(vm/system/${name} PROPERTIES COST ${cost})
		if(name IN_LIST vm_on_disk)
			set_tests_properties(vm/system/${name} PROPERTIES ENVIRONMENT TMPDIR=/srv)
		endif()
	endif()
endforeach()

# Longer than tests/vm/run lets the machine live, so that what its console said last is told.
if(CT_VM_TESTS)
	add_test(NAME vm/suite COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/vm/run ${CMAKE_BINARY_DIR})
	set_tests_properties(vm/suite PROPERTIES
		RUN_SERIAL ON TIMEOUT 1800 SKIP_RETURN_CODE 77)
endif()
