# SPDX-License-Identifier: GPL-2.0-or-later
# What stands beside the programs: configuration and shell completion.

# The programs read /etc/ctnet whatever their prefix; another prefix than the
# usual two is a trial, which must not write there. An administrator's own file
# is never replaced.
install(CODE "
	if(CMAKE_INSTALL_PREFIX MATCHES \"^/usr(/local)?/?$\")
		set(dir /etc/ctnet)
	else()
		set(dir \"\${CMAKE_INSTALL_PREFIX}/etc/ctnet\")
	endif()
	if(EXISTS \"\$ENV{DESTDIR}\${dir}/ctnet.conf\")
		message(STATUS \"Kept: \$ENV{DESTDIR}\${dir}/ctnet.conf\")
	else()
		# file(INSTALL) itself puts DESTDIR in front
		file(INSTALL \"${CMAKE_CURRENT_LIST_DIR}/ctnet.conf\" DESTINATION \"\${dir}\")
	endif()
")

# bash-completion loads a file by the name of the command that is completed.
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/completion.bash)
	foreach(name ct ctnet ctrun ctlab)
		install(FILES ${CMAKE_CURRENT_LIST_DIR}/completion.bash RENAME ${name}
			DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
	endforeach()
endif()
