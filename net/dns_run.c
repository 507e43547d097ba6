/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dnsmasq answers containers, who are not trusted, and so it must not be able
 * to do anything: it gives up root after it has bound its sockets, for good
 * (no_new_privs), and lives in a pid namespace of its own, in which the children
 * that it makes for TCP die with it. Our state is closed to whoever is not root;
 * what it has to read is therefore put where it can, in a mount namespace of its
 * own: an empty /tmp with two files, read-only mounts of the real ones.
 *
 * It stays in the foreground, so that the process we have on record is the one
 * that serves. Having bound its sockets it points stderr at /dev/null: the end
 * of file on our pipe says that it is up, text before that says why it is not.
 */
#include "net/dns_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "net/dns_server.h"
#include "net/network.h"

#define START_MS 10000

#define VIEW	    "/tmp"
#define VIEW_HOSTS  VIEW "/hosts"
#define VIEW_LOCAL  VIEW "/local"
#define RESOLV_CONF "/etc/resolv.conf"
#define USER	    "dnsmasq"

/* Not looked up in PATH, which in a cron job or under sudo has no sbin. */
static const char *const programs[] = {
	"/usr/sbin/dnsmasq",	  "/usr/local/sbin/dnsmasq", "/usr/bin/dnsmasq",
	"/usr/local/bin/dnsmasq", "/sbin/dnsmasq",
};

const char *dns_run_program(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (access(programs[i], X_OK) == 0)
			return programs[i];
	return NULL;
}

/* A user of its own where the package made one; else it takes nobody. */
static bool has_user(void)
{
	_cleanup_free_ char *text = NULL;

	return file_read_at(AT_FDCWD, "/etc/passwd", 1U << 20, &text, NULL) >= 0 &&
	       (str_starts(text, USER ":") || strstr(text, "\n" USER ":"));
}

static int add(struct strv *args, const char *option, const char *value)
{
	char *arg = str_printf("%s%s", option, value);

	return arg ? strv_add_take(args, arg) : -ENOMEM;
}

/*
 * Names without a dot, those of the file and addresses of the network are ours
 * alone: what is not known of them does not exist, and nobody is asked.
 */
static int add_names(struct strv *args, const struct network *n)
{
	static const char *const local[] = {
		"--no-hosts",
		"--addn-hosts=" VIEW_HOSTS,
		"--servers-file=" VIEW_LOCAL,
		"--domain-needed",
		"--local=//",
		"--local=/localhost/",
	};
	char subnet[IP_PREFIX_STRLEN];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(local) && r >= 0; i++)
		r = strv_add(args, local[i]);
	for (size_t i = 0; i < n->n_subnets && r >= 0; i++)
		r = add(args, "--rev-server=", prefix_str(&n->subnets[i].subnet, subnet));
	return r;
}

/*
 * Whom it asks: the servers of our configuration, else the host's, whose file
 * it follows. Loopback ones among them are the host's own and within its reach.
 * On an internal network nobody, and so the world's names are REFUSED: a
 * forwarder would be a way out (CVE-2024-29018).
 */
static int add_upstream(struct strv *args, const struct network *n, const struct strv *config_dns)
{
	int r;

	if (!n->internal && config_dns->n == 0)
		return strv_add(args, "--resolv-file=" RESOLV_CONF);
	r = strv_add(args, "--no-resolv");
	for (size_t i = 0; i < config_dns->n && !n->internal && r >= 0; i++)
		r = add(args, "--server=", config_dns->v[i]);
	return r;
}

int dns_run_args(const struct network *n, const struct strv *config_dns, struct strv *ret)
{
	static const char *const fixed[] = {
		"dnsmasq",	     "--keep-in-foreground", "--conf-file=/dev/null",
		"--pid-file", /* none */
		"--bind-interfaces",
	};
	char gateway[IP_STRLEN];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fixed) && r >= 0; i++)
		r = strv_add(ret, fixed[i]);
	for (size_t i = 0; i < n->n_subnets && r >= 0; i++)
		r = add(ret, "--listen-address=", ip_str(&n->subnets[i].gateway, gateway));
	if (r >= 0)
		r = add_names(ret, n);
	if (r >= 0)
		r = add_upstream(ret, n, config_dns);
	if (r >= 0 && has_user())
		r = strv_add(ret, "--user=" USER);
	return r < 0 ? r : 0;
}

/* ---- its process ---- */

struct start {
	const struct dns_run *d;
	const char *program;
	struct strv args;
	int hosts, local; /* mounts that are nowhere yet */
	int say; /* becomes its stderr */
};

static void cleanup_start(struct start *s)
{
	strv_free(&s->args);
	fd_close(s->hosts);
	fd_close(s->local);
	fd_close(s->say);
}

/* A mount of one file. Made by us: a mount namespace cannot mount what is of another. */
static int mount_of(int fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
					       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };
	_cleanup_close_ int tree =
		open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return take_fd(&tree);
}

static int put_file(int tree, const char *path)
{
	_cleanup_close_ int target = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (target < 0 || move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

/* Slave, so that it keeps nothing busy that the host unmounts. */
static int make_view(const struct start *s)
{
	int r;

	umask(022);
	if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0 ||
	    mount("tmpfs", VIEW, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=64k") <
		    0)
		return -errno;
	r = put_file(s->hosts, VIEW_HOSTS);
	return r < 0 ? r : put_file(s->local, VIEW_LOCAL);
}

static int born(const struct proc_id *id, void *ctx)
{
	const struct start *s = ctx;

	return s->d->born(id, s->d->ctx);
}

/* In the new process. */
static int run(void *ctx)
{
	const struct start *s = ctx;
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = { path, NULL };
	const struct sigaction ign = { .sa_handler = SIG_IGN };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int r = null < 0 ? -errno : make_view(s);

	if (r < 0)
		return r;
	if (chdir("/") < 0 || dup2(null, 0) < 0 || dup2(s->say, 1) < 0 || dup2(s->say, 2) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	/* news of names, before it has a handler for them, must not end it */
	sigaction(SIGHUP, &ign, NULL);
	execve(s->program, s->args.v, env);
	return -errno;
}

/* Reads what it says until it closes its end: the length, or -ETIMEDOUT. */
static int listen_to(int fd, char *buf, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	do {
		int r = poll(&p, 1, START_MS);

		if (r == 0)
			return -ETIMEDOUT;
		n = r < 0 ? -1 : read(fd, buf + len, size - 1 - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	} while (n != 0 && len < size - 1);
	buf[len] = '\0';
	return (int)len;
}

/* "\ndnsmasq: failed to create listening socket for 10.88.0.1: Address already in use\n" */
static int complaint(char *text, struct err *e)
{
	struct strv lines = { 0 };
	const char *line = text;
	int r;

	if (strv_split(&lines, text, "\r\n") >= 0 && lines.n)
		line = lines.v[0];
	if (str_starts(line, "dnsmasq: "))
		line += strlen("dnsmasq: ");
	if (strstr(line, "Address already in use"))
		err_hint(e, "`ss -lnptu 'sport = 53'` shows the server that has the address");
	r = err_set(e, ECONNREFUSED, "dnsmasq: %s", line);
	strv_free(&lines);
	return r;
}

/* What it needs before it is a process. */
static int prepare(struct start *s, const struct dns_run *d, int *ret_hear)
{
	int fds[2], r = dns_run_args(d->n, &d->net->config->dns_servers, &s->args);

	if (r < 0)
		return r;
	s->hosts = mount_of(d->hosts_fd);
	s->local = s->hosts < 0 ? s->hosts : mount_of(d->local_fd);
	if (s->local < 0)
		return s->local;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	*ret_hear = fds[0];
	s->say = fds[1];
	return 0;
}

/* -ECONNREFUSED in the words of dnsmasq itself, which does not say why in numbers. */
int dns_run(const struct dns_run *d, struct err *e)
{
	_cleanup_(cleanup_start) struct start s = { .hosts = -1, .local = -1, .say = -1 };
	const struct proc_detached p = {
		.unshare = CLONE_NEWNS | CLONE_NEWPID, .born = born, .run = run, .ctx = &s
	};
	_cleanup_close_ int hear = -1;
	char text[256];
	int r;

	s.d = d;
	s.program = dns_run_program();
	if (!s.program)
		return dns_server_check(e);
	r = prepare(&s, d, &hear);
	if (r >= 0)
		r = proc_detach(&p);
	fd_close(take_fd(&s.say));
	if (r >= 0)
		r = listen_to(hear, text, sizeof(text));
	if (r < 0)
		return err_sys(e, r, "start dnsmasq");
	return r ? complaint(text, e) : 0;
}
