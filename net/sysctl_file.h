/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl_file - what we set of the host's settings, for `sysctl --system` and
 * systemd-sysctl: /run/sysctl.d/zz-ctnet.conf, see sysctl.d(5).
 *
 * The file is the machine's, so it is written only from the network namespace
 * that pid 1 is in, and gone after a reboot as the settings are.
 */
#ifndef CT_NET_SYSCTL_FILE_H
#define CT_NET_SYSCTL_FILE_H

struct strv;

/* Lines "net/ipv4/ip_forward = 1"; elsewhere than in pid 1's namespace: success. */
int sysctl_file_write(const struct strv *lines);
int sysctl_file_remove(void);

#endif
