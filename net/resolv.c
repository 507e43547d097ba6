/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "net/names.h"

#define RESOLV_MAX (64U << 10)
/* what the C library reads at most (resolv.conf(5), MAXNS) */
#define SERVERS_MAX 3

/*
 * The host's, then those of the resolvers that leave only their loopback
 * address in it: systemd-resolved keeps the real servers beside it.
 */
static const char *const host_files[] = {
	"etc/resolv.conf",
	"run/systemd/resolve/resolv.conf",
};

struct resolv {
	struct strv servers, options;
};

static void resolv_free(struct resolv *c)
{
	strv_free(&c->servers);
	strv_free(&c->options);
}

/* A server behind a zone (fe80::1%eth0) or on loopback means another machine inside. */
static bool usable(const char *server, bool loopback_ok)
{
	struct ip_addr a;

	if (loopback_ok)
		return true;
	return parse_ip(server, &a, NULL) == 0 && !ip_is_loopback(&a) && !ip_is_linklocal(&a) &&
	       !(a.family == AF_INET && a.b[0] == 0);
}

static int add_line(struct resolv *c, const char *line, bool loopback_ok)
{
	struct strv words = { 0 };
	int r = strv_split(&words, line, " \t");

	if (r >= 0 && words.n >= 2 && !strcmp(words.v[0], "nameserver") &&
	    usable(words.v[1], loopback_ok) && !strv_has(&c->servers, words.v[1]))
		r = strv_add(&c->servers, words.v[1]);
	else if (r >= 0 && words.n >= 2 && !strcmp(words.v[0], "options"))
		r = strv_add(&c->options, line);
	strv_free(&words);
	return r;
}

static int read_file(int root_fd, const char *path, bool loopback_ok, struct resolv *c)
{
	_cleanup_free_ char *text = NULL;
	struct strv lines = { 0 };
	int r = file_read_at(root_fd, path, RESOLV_MAX, &text, NULL);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r >= 0)
		r = strv_split(&lines, text, "\r\n");
	for (size_t i = 0; i < lines.n && r >= 0; i++)
		r = add_line(c, lines.v[i], loopback_ok);
	strv_free(&lines);
	return r;
}

static int from_host(int root_fd, bool loopback_ok, struct resolv *c)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(host_files) && c->servers.n == 0 && r >= 0; i++) {
		strv_free(&c->options);
		r = read_file(root_fd, host_files[i], loopback_ok, c);
	}
	return r;
}

static int append(char **text, const char *fmt_word, const char *word)
{
	char *longer = str_printf("%s%s%s\n", *text ? *text : "", fmt_word, word);

	if (!longer)
		return -ENOMEM;
	free(*text);
	*text = longer;
	return 0;
}

static int write_text(const struct resolv *c, char **ret_text, unsigned *ret_n)
{
	_cleanup_free_ char *text = NULL;
	unsigned n = 0;
	int r = append(&text, "# ", "made by ctnet; use --dns to give other servers");

	for (; n < c->servers.n && n < SERVERS_MAX && r >= 0; n++)
		r = append(&text, "nameserver ", c->servers.v[n]);
	for (size_t i = 0; i < c->options.n && r >= 0; i++)
		r = append(&text, "", c->options.v[i]);
	if (r < 0)
		return r;
	*ret_n = n;
	*ret_text = take_ptr(text);
	return 0;
}

/* Servers given by name are checked: -EINVAL. */
static int from_list(const struct strv *list, struct resolv *c, struct err *e)
{
	struct ip_addr a;
	int r = 0;

	for (size_t i = 0; i < list->n && r >= 0; i++) {
		r = parse_ip(list->v[i], &a, e);
		if (r >= 0)
			r = strv_add(&c->servers, list->v[i]);
	}
	return r;
}

int names_resolv_conf_at(int root_fd, const struct strv *dns, const struct strv *config_dns,
			 bool loopback_ok, char **ret_text, unsigned *ret_n, struct err *e)
{
	_cleanup_(resolv_free) struct resolv c = { 0 };
	int r;

	if (dns && dns->n) {
		r = from_list(dns, &c, e);
	} else if (config_dns && config_dns->n) {
		r = from_list(config_dns, &c, e);
	} else {
		r = from_host(root_fd, loopback_ok, &c);
		if (r < 0)
			err_sys(e, r, "read the host's resolv.conf");
	}
	if (r < 0)
		return r;
	r = write_text(&c, ret_text, ret_n);
	return r < 0 ? err_sys(e, r, "resolv.conf") : 0;
}

int names_resolv_conf(const struct strv *dns, const struct strv *config_dns, bool loopback_ok,
		      char **ret_text, unsigned *ret_n, struct err *e)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(e, errno, "open /");
	return names_resolv_conf_at(root, dns, config_dns, loopback_ok, ret_text, ret_n, e);
}
