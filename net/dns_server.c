/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/dns_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/proc.h"
#include "net/attach_real.h"
#include "net/dns_run.h"
#include "net/hosts_file.h"
#include "net/names.h"

#define RECORDS "dns"
#define LOCAL	"dns-local"
#define STOP_MS 1000
#define NEWS_MS 5000

int dns_server_check(struct err *e)
{
	if (dns_run_program())
		return 0;
	err_hint(e, "install it: apt install dnsmasq-base");
	return err_set(e, ENOENT, "dnsmasq is not installed");
}

/* ---- the record ---- */

struct server {
	struct proc_id id;
	bool foreign; /* started in another pid namespace, where alone its pid means something */
};

static int record_save(struct net *net, const char *network, const struct proc_id *id)
{
	_cleanup_close_ int dir = net_dir(net, RECORDS, true);
	_cleanup_json_ json_t *j = NULL;

	if (dir < 0)
		return dir;
	j = json_pack("{s:i, s:I, s:I}", "pid", id->pid, "start", (json_int_t)id->start, "pidns",
		      (json_int_t)proc_namespace());
	return j ? json_save_at(dir, network, j) : -ENOMEM;
}

static int record_load(struct net *net, const char *network, struct server *ret)
{
	_cleanup_close_ int dir = net_dir(net, RECORDS, false);
	_cleanup_json_ json_t *j = NULL;
	int64_t here = (int64_t)proc_namespace();
	int r = dir < 0 ? dir : json_load_at(dir, network, &j);

	if (r == -EINVAL) /* says nothing about anybody */
		*ret = (struct server){ .foreign = false };
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	*ret = (struct server){ .id = { .pid = (pid_t)json_int(j, "pid", 0),
					.start = (uint64_t)json_int(j, "start", 0) },
				.foreign = json_int(j, "pidns", here) != here };
	return 0;
}

static void forget(struct net *net, const char *network)
{
	static const char *const dirs[] = { LOCAL, RECORDS };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		_cleanup_close_ int dir = net_dir(net, dirs[i], false);

		if (dir >= 0)
			unlinkat(dir, network, 0);
	}
}

/* ---- names of ours with a dot ---- */

/* "server=/NAME/" for each: what is not in the hosts file of it does not exist. */
static int local_of_line(const char *line, char **text)
{
	struct strv words = { 0 };
	int r = strv_split(&words, line, " \t");

	for (size_t i = 1; i < words.n && r >= 0; i++) {
		char *longer;

		if (!strchr(words.v[i], '.'))
			continue;
		longer = str_printf("%sserver=/%s/\n", *text, words.v[i]);
		if (!longer)
			r = -ENOMEM;
		else
			free(*text);
		*text = longer ? longer : *text;
	}
	strv_free(&words);
	return r;
}

static int local_text(int hosts_fd, char **ret)
{
	_cleanup_free_ char *hosts = NULL, *text = strdup("");
	struct strv lines = { 0 };
	size_t size = 0;
	int r = text ? hosts_file_read(hosts_fd, &hosts, &size) : -ENOMEM;

	if (r < 0)
		return r;
	hosts[size] = '\0'; /* there is room for it */
	r = strv_split(&lines, hosts, "\n");
	for (size_t i = 0; i < lines.n && r >= 0; i++)
		if (lines.v[i][0] != ' ')
			r = local_of_line(lines.v[i], &text);
	strv_free(&lines);
	if (r >= 0)
		*ret = take_ptr(text);
	return r < 0 ? r : 0;
}

/* In place: the server sees this inode. It reads it when it is told to, not before. */
static int local_write(int fd, const char *text)
{
	char old[4096];
	size_t len = strlen(text);
	ssize_t n = pread(fd, old, sizeof(old), 0);

	if (n < 0)
		return -errno;
	if ((size_t)n == len && n < (ssize_t)sizeof(old) && !memcmp(old, text, len))
		return 0;
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return fd_write_all(fd, text, len);
}

/* The file as the hosts file has it now, open. */
static int local_open(struct net *net, const char *network, int hosts_fd)
{
	_cleanup_close_ int dir = net_dir(net, LOCAL, true), fd = -1;
	_cleanup_free_ char *text = NULL;
	int r = dir < 0 ? dir : local_text(hosts_fd, &text);

	if (r < 0)
		return r;
	fd = openat(dir, network, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	/* read by dnsmasq when it is not root any more, whatever our umask */
	if (fd < 0 || fchmod(fd, 0644) < 0)
		return -errno;
	r = local_write(fd, text);
	return r < 0 ? r : take_fd(&fd);
}

/* ---- start, news, end ---- */

struct starting {
	struct net *net;
	const char *network;
};

static int born(const struct proc_id *id, void *ctx)
{
	const struct starting *s = ctx;
	int r = record_save(s->net, s->network, id);

	crash_point("dns", "record");
	return r;
}

static int start(struct net *net, const struct network *n, struct err *e)
{
	_cleanup_close_ int hosts = names_open_hosts(net, n->name, e), local = -1;
	struct starting s = { net, n->name };
	struct dns_run d = { .net = net, .n = n, .hosts_fd = hosts, .born = born, .ctx = &s };
	int r = hosts;

	if (r < 0)
		return r;
	local = local_open(net, n->name, hosts);
	if (local < 0)
		return err_sys(e, local, "names of network %s", n->name);
	log_trace("network %s: starting dnsmasq", n->name);
	d.local_fd = local;
	r = dns_run(&d, e);
	crash_point("dns", "start");
	if (r < 0)
		dns_server_stop(net, n->name);
	return r;
}

static int signal_to(int pidfd, int sig)
{
	return syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) < 0 ? -errno : 0;
}

/*
 * The names it must know of first. Its handler writes to a pipe, which its loop reads
 * before it answers questions: one that comes after the handler has run, that is. A poll
 * that was under way may still bring one before, so the signal's arrival is waited for.
 */
static int tell(struct net *net, const char *network, int pidfd, pid_t pid)
{
	_cleanup_close_ int hosts = names_open_hosts(net, network, NULL), local = -1;
	int r = hosts;

	if (r >= 0)
		r = local = local_open(net, network, hosts);
	if (r >= 0)
		r = signal_to(pidfd, SIGHUP);
	if (r >= 0 && !proc_signal_await(pid, SIGHUP, NEWS_MS))
		log_trace("network %s: its name server does not listen to us", network);
	return r;
}

/* Its children for TCP die with it: it is the first process of a pid namespace. */
static void end(int pidfd)
{
	static const int signals[] = { SIGTERM, SIGKILL };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signal_to(pidfd, signals[i]) < 0 || proc_await_end(pidfd, STOP_MS))
			return;
}

int dns_server_stop(struct net *net, const char *network)
{
	_cleanup_close_ int pidfd = -1;
	struct server s;
	int r = record_load(net, network, &s);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (s.foreign)
		return 0;
	pidfd = proc_open(&s.id);
	if (pidfd >= 0) {
		log_trace("network %s: ending dnsmasq", network);
		end(pidfd);
	}
	crash_point("dns", "stop");
	forget(net, network);
	return 0;
}

int dns_server_joined(struct net *net, const struct network *n, struct err *e)
{
	_cleanup_close_ int pidfd = -1;
	struct server s;
	int r;

	if (!n->dns_server)
		return 0;
	r = record_load(net, n->name, &s);
	if (r >= 0 && s.foreign)
		return 0;
	if (r >= 0)
		pidfd = proc_open(&s.id);
	if (pidfd < 0)
		return start(net, n, e);
	r = tell(net, n->name, pidfd, s.id.pid);
	/* it may have died this moment */
	if (r == -ESRCH)
		return start(net, n, e);
	return r < 0 ? err_sys(e, r, "tell the name server of network %s", n->name) : 0;
}

struct user {
	const char *but; /* a key, or NULL */
};

static int on_user(const struct attach_info *a, void *ctx)
{
	const struct user *u = ctx;
	char key[ATTACH_KEY_LEN];

	if ((u->but && attach_key(a, key) >= 0 && !strcmp(key, u->but)) || !attach_alive(a))
		return 0;
	return -EEXIST;
}

static bool is_used(struct net *net, const char *network, const char *but)
{
	struct user u = { but };

	return attach_list(net, NULL, network, on_user, &u) == -EEXIST;
}

int dns_server_left(struct net *net, const char *network, const char *key)
{
	_cleanup_close_ int pidfd = -1;
	struct server s;
	int r = record_load(net, network, &s);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!is_used(net, network, key))
		return dns_server_stop(net, network);
	pidfd = s.foreign ? -ESRCH : proc_open(&s.id);
	r = pidfd < 0 ? 0 : tell(net, network, pidfd, s.id.pid);
	return r == -ESRCH ? 0 : r;
}

int dns_server_heal(struct net *net, const struct network *n, struct err *e)
{
	struct server s;

	if (n->dns_server && is_used(net, n->name, NULL))
		return dns_server_joined(net, n, e);
	return record_load(net, n->name, &s) < 0 ? 0 : dns_server_stop(net, n->name);
}

void dns_server_sweep(struct net *net)
{
	_cleanup_close_ int dir = net_dir(net, RECORDS, false);
	struct strv names = { 0 };

	if (dir >= 0 && dir_names(dir, &names) >= 0)
		for (size_t i = 0; i < names.n; i++)
			if (!is_used(net, names.v[i], NULL))
				dns_server_stop(net, names.v[i]);
	strv_free(&names);
}
