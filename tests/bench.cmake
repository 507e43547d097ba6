# SPDX-License-Identifier: GPL-2.0-or-later
#
# Benchmarks: programs to compare with, built but never installed. Timing is no
# test, since it would fail on a busy machine; tests/bench/all judges when asked
# to. The test here only shows that everything measured still runs.

add_executable(bench_floor bench/floor.c bench/wire.c)
add_executable(bench_floor_full bench/floor_full.c bench/wire.c)
add_executable(bench_floor_lab bench/floor_lab.c bench/wire.c)
add_executable(bench_rounds bench/rounds.c)
# runs inside a container too, whose root has no libraries
add_executable(bench_tcp bench/tcp.c)
target_link_options(bench_tcp PRIVATE -static)
add_executable(bench_slices bench/slices.c)
add_executable(bench_lease bench/lease.c)
target_link_libraries(bench_lease PRIVATE ctnet)
add_dependencies(bench_floor_full generated)
foreach(target bench_floor bench_floor_full bench_floor_lab bench_rounds bench_tcp bench_slices bench_lease)
	target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${GEN_DIR})
	set_target_properties(${target} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()
add_custom_target(bench_all DEPENDS
	bench_floor bench_floor_full bench_floor_lab bench_rounds bench_tcp bench_slices bench_lease)

add_test(NAME bench/all
	COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/bench/all --smoke ${CMAKE_BINARY_DIR})
set_tests_properties(bench/all PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
