# SPDX-License-Identifier: GPL-2.0-or-later
# Manual pages, by section.

foreach(section 5 7 8)
	file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/man/*.${section})
	if(pages)
		install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
	endif()
endforeach()
