# SPDX-License-Identifier: GPL-2.0-or-later
# What stands beside the programs: configuration and shell completion.

install(FILES ${CMAKE_CURRENT_LIST_DIR}/ctnet.conf
	DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/ctnet)

# bash-completion loads a file by the name of the command that is completed.
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/completion.bash)
	foreach(name ct ctnet ctrun ctlab)
		install(FILES ${CMAKE_CURRENT_LIST_DIR}/completion.bash RENAME ${name}
			DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
	endforeach()
endif()
