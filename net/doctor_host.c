/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of the host and what runs on it. */
#include "net/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "net/network_real.h"

int doctor_capabilities(struct doctor *d, struct err *e)
{
	static const struct {
		unsigned number;
		enum doctor_status without;
		const char *name, *why;
	} caps[] = {
		{ CAP_NET_ADMIN, DOCTOR_FAIL, "CAP_NET_ADMIN", "links, addresses and rules" },
		{ CAP_SYS_ADMIN, DOCTOR_FAIL, "CAP_SYS_ADMIN", "namespaces and mounts" },
		{ CAP_NET_RAW, DOCTOR_WARN, "CAP_NET_RAW", "ping in containers" },
		{ CAP_SYS_RESOURCE, DOCTOR_WARN, "CAP_SYS_RESOURCE",
		  "limits above the caller's own (--ulimit)" },
	};
	_cleanup_free_ char *text = NULL;
	unsigned long long have;
	const char *line;
	int r = file_read_at(AT_FDCWD, "/proc/self/status", 65536, &text, NULL);

	line = r < 0 ? NULL : strstr(text, "\nCapEff:");
	if (!line)
		return err_sys(e, r < 0 ? r : -ENOENT, "read the capabilities");
	have = strtoull(line + strlen("\nCapEff:"), NULL, 16);
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		if (!(have >> caps[i].number & 1))
			doctor_say(d, caps[i].without,
				   caps[i].without == DOCTOR_FAIL ? "sudo ct doctor" : NULL,
				   "%s is missing: it is for %s", caps[i].name, caps[i].why);
	if (!d->said)
		doctor_say(d, DOCTOR_OK, NULL, "all that is needed is there");
	return 0;
}

/* ---- forwarding ------------------------------------------------------------ */

struct family {
	uint8_t af;
	const char *name, *key, *path;
};

static const struct family families[] = {
	{ AF_INET, "IPv4", "net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward" },
	{ AF_INET6, "IPv6", "net.ipv6.conf.all.forwarding",
	  "/proc/sys/net/ipv6/conf/all/forwarding" },
};

/* A network that stands and needs the host to forward; NULL: none. */
static const struct network *forwarder(const struct doctor *d, uint8_t af)
{
	for (size_t i = 0; i < d->n_nets; i++)
		if (doctor_forwards(&d->nets[i]) && !d->nets[i].internal &&
		    network_has_family(&d->nets[i], af) && network_is_real(d->net, d->nets[i].name))
			return &d->nets[i];
	return NULL;
}

/* Whether a line of sysctl.conf(5) sets the key; its value. "-" in front: errors do not matter. */
static bool line_sets(const char *line, const char *key, char *value, size_t size)
{
	size_t i = 0;

	line += strspn(line, " \t");
	line += *line == '-';
	for (; key[i]; i++)
		if (line[i] != key[i] && !(line[i] == '/' && key[i] == '.'))
			return false;
	line += i + strspn(line + i, " \t");
	if (*line != '=')
		return false;
	line += 1 + strspn(line + 1, " \t");
	snprintf(value, size, "%.*s", (int)strcspn(line, " \t\r\n"), line);
	return true;
}

/* The last value that a file gives the key; false: none. */
static bool file_sets(const char *path, const char *key, char *value, size_t size)
{
	_cleanup_free_ char *text = NULL;
	bool sets = false;

	if (file_read_at(AT_FDCWD, path, 1 << 20, &text, NULL) < 0)
		return false;
	for (const char *line = text; *line;) {
		sets |= line_sets(line, key, value, size);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return sets;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Directories in order of precedence: a file hides its namesakes in later ones (sysctl.d(5)). */
static const char *const sysctl_dirs[] = { "/etc/sysctl.d", "/run/sysctl.d",
					   "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d" };

static bool is_conf(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && !strcmp(name + len - 5, ".conf");
}

static int sysctl_files(struct strv *ret)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sysctl_dirs) && r >= 0; i++) {
		_cleanup_close_ int fd = open(sysctl_dirs[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct strv names = { 0 };

		if (fd < 0)
			continue;
		r = dir_names(fd, &names);
		for (size_t k = 0; k < names.n && r >= 0; k++)
			if (is_conf(names.v[k]) && !strv_has(ret, names.v[k]))
				r = strv_add(ret, names.v[k]);
		strv_free(&names);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return r;
}

/* The file that has the last word about the key at boot, and that word; false: none. */
static bool sysctl_decides(const char *key, char *ret_path, size_t size, char *value, size_t vsize)
{
	struct strv names = { 0 };
	char path[512];
	bool found = false;

	if (sysctl_files(&names) >= 0)
		for (size_t i = 0; i < names.n; i++)
			for (size_t k = 0; k < ARRAY_SIZE(sysctl_dirs); k++) {
				snprintf(path, sizeof(path), "%s/%s", sysctl_dirs[k], names.v[i]);
				if (access(path, F_OK) < 0)
					continue;
				if (file_sets(path, key, value, vsize)) {
					snprintf(ret_path, size, "%s", path);
					found = true;
				}
				break;
			}
	strv_free(&names);
	if (file_sets("/etc/sysctl.conf", key, value, vsize)) {
		snprintf(ret_path, size, "/etc/sysctl.conf");
		found = true;
	}
	return found;
}

static void say_reset(struct doctor *d, const struct family *f)
{
	char path[512], value[16], cure[700];

	if (!sysctl_decides(f->key, path, sizeof(path), value, sizeof(value)) ||
	    strcmp(value, "0") != 0)
		return;
	/* of two lines in one file the later one holds */
	snprintf(cure, sizeof(cure), "echo '%s = 1' >>%s", f->key,
		 str_starts(path, "/etc/") ? path : "/etc/sysctl.d/zzz-ctnet.conf");
	doctor_say(d, DOCTOR_WARN, cure, "%s sets %s to 0: sysctl --system turns forwarding off",
		   path, f->key);
}

int doctor_forwarding(struct doctor *d, struct err *e)
{
	char cure[96];

	(void)e;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct family *f = &families[i];
		const struct network *n = forwarder(d, f->af);

		if (!n)
			continue;
		snprintf(cure, sizeof(cure), "sysctl -w %s=1", f->key);
		if (doctor_number(f->path, 1) == 0)
			doctor_say(d, DOCTOR_FAIL, cure,
				   "%s is 0: the host forwards no %s packets, and network %s "
				   "needs it",
				   f->key, f->name, n->name);
		say_reset(d, f);
	}
	if (!d->said)
		doctor_say(d, DOCTOR_OK, NULL, "on where a network needs it");
	return 0;
}

/* The stricter of "all" and the link's holds, unless one is 2 (ip-sysctl.rst). */
int doctor_rp_filter(struct doctor *d, struct err *e)
{
	long long all = doctor_number("/proc/sys/net/ipv4/conf/all/rp_filter", 0);

	(void)e;
	for (size_t i = 0; i < d->n_nets; i++) {
		char path[96], cure[96];
		long long own;

		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter",
			 d->nets[i].name);
		own = doctor_number(path, 0);
		if ((own > all ? own : all) != 1)
			continue;
		snprintf(cure, sizeof(cure), "sysctl -w net/ipv4/conf/%s/rp_filter=2",
			 d->nets[i].name);
		doctor_say(d, DOCTOR_WARN, cure,
			   "rp_filter of %s is 1 (strict): what a container on two networks sends "
			   "with the other's address is dropped",
			   d->nets[i].name);
	}
	if (!d->said)
		doctor_say(d, DOCTOR_OK, NULL, "not strict on any network");
	return 0;
}

/* ---- programs -------------------------------------------------------------- */

int doctor_programs(struct doctor *d, struct err *e)
{
	bool served = false;

	(void)e;
	for (size_t i = 0; i < d->n_nets; i++)
		served |= d->nets[i].dns_server;
	if (!doctor_has_program("dnsmasq"))
		doctor_say(d, served ? DOCTOR_FAIL : DOCTOR_WARN, "apt-get install dnsmasq-base",
			   "no dnsmasq: networks with --dns-server serve no names");
	if (!doctor_has_program("nft"))
		doctor_say(
			d, DOCTOR_WARN, "apt-get install nftables",
			"no nft: /etc/ctnet/user.nft is not loaded, and the rules cannot be looked "
			"at");
	if (!d->said)
		doctor_say(d, DOCTOR_OK, NULL, "dnsmasq and nft are there");
	return 0;
}

/* Whether a process of that name runs here (comm: at most 15 bytes of it). */
static bool runs(const char *comm)
{
	_cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct strv pids = { 0 };
	bool found = false;

	if (proc < 0 || dir_names(proc, &pids) < 0)
		return false;
	for (size_t i = 0; i < pids.n && !found; i++) {
		_cleanup_free_ char *text = NULL;
		char path[300];

		if (pids.v[i][0] < '0' || pids.v[i][0] > '9')
			continue;
		snprintf(path, sizeof(path), "%s/comm", pids.v[i]);
		if (file_read_at(proc, path, 64, &text, NULL) < 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		found = !strcmp(text, comm);
	}
	strv_free(&pids);
	return found;
}

/* Programs that take every link for theirs, and the file that tells them otherwise. */
static const struct {
	const char *comm, *name, *file;
	const char *dirs[4];
	const char *cure;
} managers[] = {
	{ "NetworkManager",
	  "NetworkManager",
	  "10-ctnet.conf",
	  { "/etc/NetworkManager/conf.d", "/run/NetworkManager/conf.d",
	    "/usr/lib/NetworkManager/conf.d" },
	  "printf '[keyfile]\\nunmanaged-devices+=interface-name:ve?????????????\\n' "
	  ">/etc/NetworkManager/conf.d/10-ctnet.conf && nmcli general reload" },
	{ "systemd-network",
	  "systemd-networkd",
	  "05-ctnet.network",
	  { "/etc/systemd/network", "/run/systemd/network", "/usr/local/lib/systemd/network",
	    "/usr/lib/systemd/network" },
	  "printf '[Match]\\nName=ve????????????[0-9]\\n[Link]\\nUnmanaged=yes\\n' "
	  ">/etc/systemd/network/05-ctnet.network && networkctl reload" },
};

static bool file_in_any(const char *const *dirs, size_t n, const char *file)
{
	for (size_t i = 0; i < n && dirs[i]; i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", dirs[i], file);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

int doctor_managers(struct doctor *d, struct err *e)
{
	(void)e;
	for (size_t i = 0; i < ARRAY_SIZE(managers); i++)
		if (runs(managers[i].comm) &&
		    !file_in_any(managers[i].dirs, ARRAY_SIZE(managers[i].dirs), managers[i].file))
			doctor_say(d, DOCTOR_WARN, managers[i].cure,
				   "%s runs and is not told to leave our links alone (%s)",
				   managers[i].name, managers[i].file);
	if (!d->said)
		doctor_say(d, DOCTOR_OK, NULL, "nothing else configures our links");
	return 0;
}

int doctor_state(struct doctor *d, struct err *e)
{
	struct statfs fs;

	if (fstatfs(d->net->state_fd, &fs) < 0)
		return err_sys(e, errno, "look at the state directory");
	if (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		doctor_say(d, DOCTOR_OK, NULL, "the state root is in memory");
	else
		doctor_say(d, DOCTOR_WARN, "mount -t tmpfs -o mode=755 tmpfs /run",
			   "the state root is not on a tmpfs: each start writes to a disk, and old "
			   "state is looked at after a boot");
	return 0;
}
