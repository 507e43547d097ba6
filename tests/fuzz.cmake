# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/fuzz/fuzz_LAYER_NAME.c, each a libFuzzer target with its seeds in
# tests/fuzz/corpus/LAYER_NAME. With clang and CT_FUZZ they are real fuzzers
# over an instrumented build of the layers, for tests/fuzz/run. Otherwise driver.c
# runs the seeds and a bounded number of mutations, linked with the sanitized twin.
# Either way each is a test: fuzz/LAYER_NAME.

set(fuzz_dir ${CMAKE_CURRENT_SOURCE_DIR}/fuzz)
file(GLOB fuzz_files CONFIGURE_DEPENDS ${fuzz_dir}/fuzz_*.c)
set(fuzz_real OFF)
if(CT_FUZZ)
	if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
		message(FATAL_ERROR "CT_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang")
	endif()
	set(fuzz_real ON)
endif()

# The layers once more, with coverage feedback.
function(ct_fuzz_layers)
	set(flags -fsanitize=fuzzer-no-link,address,undefined
		-fno-sanitize-recover=undefined -fno-omit-frame-pointer)
	foreach(layer base net core cli)
		string(TOUPPER ${layer} LAYER)
		set(lib ct${layer}-fuzz)
		add_library(${lib} STATIC EXCLUDE_FROM_ALL ${${LAYER}_SRC})
		target_include_directories(${lib} PUBLIC ${CMAKE_SOURCE_DIR}
			PRIVATE ${INIPARSER_INC} ${GEN_DIR} ${DEPS_INCLUDE_DIRS})
		target_compile_options(${lib} PUBLIC ${flags})
	endforeach()
	target_link_libraries(ctbase-fuzz PUBLIC ${STATIC_LIBS})
	target_link_libraries(ctnet-fuzz PUBLIC ctbase-fuzz ${LIB_nftnl_A} mnl)
	target_link_libraries(ctcore-fuzz PUBLIC ctbase-fuzz)
	target_link_libraries(ctcli-fuzz PUBLIC ctcore-fuzz ctnet-fuzz)
	add_dependencies(ctcore-fuzz generated)
endfunction()

# What a target is made of beside the layers; one that includes kernel.h has no kernel.
function(ct_fuzz_sources target)
	target_sources(${target} PRIVATE ${fuzz_dir}/${target}.c ${fuzz_dir}/fuzz.c)
	file(STRINGS ${fuzz_dir}/${target}.c wraps REGEX "tests/fuzz/kernel.h")
	if(wraps)
		target_sources(${target} PRIVATE ${fuzz_dir}/kernel.c)
		target_link_options(${target} PRIVATE -Wl,--wrap=nl_exchange)
	endif()
endfunction()

function(ct_fuzz_real target layer name corpus)
	add_executable(${target})
	ct_fuzz_sources(${target})
	target_link_libraries(${target} PRIVATE ct${layer}-fuzz)
	target_link_options(${target} PRIVATE -fsanitize=fuzzer,address,undefined)
	# what it finds goes to the first directory, never into the sources
	set(found ${CMAKE_CURRENT_BINARY_DIR}/corpus/${name})
	file(MAKE_DIRECTORY ${found})
	add_test(NAME fuzz/${name} COMMAND ${target} -seed=1 -runs=20000 -max_total_time=10
		-max_len=4096 ${found} ${corpus})
endfunction()

function(ct_fuzz_driver target layer name corpus)
	set(suffix "")
	if(CT_SANITIZE)
		set(suffix -san)
	endif()
	add_executable(${target} ${fuzz_dir}/driver.c)
	ct_fuzz_sources(${target})
	target_link_libraries(${target} PRIVATE ct${layer}${suffix})
	add_test(NAME fuzz/${name} COMMAND ${target} -n 100000 -t 3 ${corpus})
endfunction()

if(fuzz_real)
	ct_fuzz_layers()
endif()
foreach(file ${fuzz_files})
	get_filename_component(target ${file} NAME_WE)
	string(REGEX REPLACE "^fuzz_" "" name ${target})
	string(REGEX MATCH "^[a-z]+" layer ${name})
	set(corpus ${fuzz_dir}/corpus/${name})
	if(NOT IS_DIRECTORY ${corpus})
		set(corpus "")
	endif()
	if(fuzz_real)
		ct_fuzz_real(${target} ${layer} ${name} "${corpus}")
	else()
		ct_fuzz_driver(${target} ${layer} ${name} "${corpus}")
	endif()
	set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300)
endforeach()
