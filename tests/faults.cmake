# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/faults/nth: one system call of a program fails, or is its last. Built, never
# installed; what uses it are tests/system/faults*.bats and tests/faults/run. It writes
# to registers, so it is there on x86_64 alone.

if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
	file(GLOB nth_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/faults/*.c)
	add_executable(nth ${nth_files})
	target_include_directories(nth PRIVATE ${CMAKE_SOURCE_DIR})
	target_link_libraries(nth PRIVATE ${LIB_seccomp_A})
	set_target_properties(nth PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/faults)
endif()
