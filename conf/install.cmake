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

# For the programs of the host that would otherwise flush our rules or take our
# links for theirs. Two of them name the program, whose place is known only at
# the installation (cmake --install --prefix).
install(CODE "
	set(conf \"${CMAKE_CURRENT_LIST_DIR}\")
	set(made \"${CMAKE_BINARY_DIR}/gen/conf\")
	cmake_path(APPEND CMAKE_INSTALL_PREFIX \"${CMAKE_INSTALL_BINDIR}\" OUTPUT_VARIABLE CT_BINDIR)
	set(lib \"\${CMAKE_INSTALL_PREFIX}/lib\")
	configure_file(\"\${conf}/ctnet-reload.service.in\" \"\${made}/ctnet-reload.service\" @ONLY)
	configure_file(\"\${conf}/flush-hook.conf.in\" \"\${made}/10-ctnet.conf\" @ONLY)
	file(INSTALL \"\${made}/ctnet-reload.service\" DESTINATION \"\${lib}/systemd/system\")
	foreach(service nftables firewalld)
		file(INSTALL \"\${made}/10-ctnet.conf\"
			DESTINATION \"\${lib}/systemd/system/\${service}.service.d\")
	endforeach()
	file(INSTALL \"\${conf}/networkd.network\" RENAME 05-ctnet.network
		DESTINATION \"\${lib}/systemd/network\")
	file(INSTALL \"\${conf}/networkd-bridge.network\" RENAME 05-ctnet-bridge.network
		DESTINATION \"\${lib}/systemd/network\")
	file(INSTALL \"\${conf}/udev.rules\" RENAME 70-ctnet.rules
		DESTINATION \"\${lib}/udev/rules.d\")
	# NetworkManager looks below /usr/lib and /etc alone
	if(CMAKE_INSTALL_PREFIX MATCHES \"^/usr/local/?$\")
		set(nm /etc/NetworkManager/conf.d)
	else()
		set(nm \"\${lib}/NetworkManager/conf.d\")
	endif()
	file(INSTALL \"\${conf}/networkmanager.conf\" RENAME 10-ctnet.conf DESTINATION \"\${nm}\")
")

# Labs to learn from and to begin with: ctlab test /usr/share/ctnet/labs/two-hosts.ini
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/labs DESTINATION ${CMAKE_INSTALL_DATADIR}/ctnet
	FILES_MATCHING PATTERN "*.ini")
