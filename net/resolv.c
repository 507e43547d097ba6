/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/resolv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "net/network.h"

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

/* At most SERVERS_MAX in all. */
static int append_servers(const struct strv *servers, char **text, unsigned *n)
{
	int r = 0;

	for (size_t i = 0; i < servers->n && *n < SERVERS_MAX && r >= 0; i++, (*n)++)
		r = append(text, "nameserver ", servers->v[i]);
	return r;
}

static int write_text(const struct resolv_want *w, const struct resolv *c, char **ret_text,
		      unsigned *ret_n)
{
	_cleanup_free_ char *text = NULL;
	unsigned n = 0;
	int r = append(&text, "# ", "made by ctnet; use --dns to give other servers");

	if (r >= 0 && w->nets && !(w->dns && w->dns->n))
		r = append_servers(&w->nets->gateways, &text, &n);
	if (r >= 0)
		r = append_servers(&c->servers, &text, &n);
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

int resolv_add_network(struct resolv_nets *r, const struct network *n)
{
	char gateway[IP_STRLEN];
	int k = 0;

	r->outside |= !n->internal;
	if (!n->dns_server)
		return 0;
	r->world |= !n->internal;
	for (size_t i = 0; i < n->n_subnets && k >= 0; i++)
		k = strv_add(&r->gateways, ip_str(&n->subnets[i].gateway, gateway));
	return k;
}

void resolv_nets_free(struct resolv_nets *r)
{
	strv_free(&r->gateways);
}

/* Whether the gateways are all there is to ask. */
static bool suffice(const struct resolv_nets *nets)
{
	return nets && nets->gateways.n && (nets->world || !nets->outside);
}

static int from_all(int root_fd, const struct resolv_want *w, struct resolv *c, struct err *e)
{
	int r = 0;

	if (w->dns && w->dns->n)
		return from_list(w->dns, c, e);
	if (w->config && w->config->n && !suffice(w->nets)) {
		r = from_list(w->config, c, e);
	} else if (!suffice(w->nets)) {
		r = from_host(root_fd, w->loopback_ok, c);
		if (r < 0)
			err_sys(e, r, "read the host's resolv.conf");
	}
	return r;
}

int resolv_conf_at(int root_fd, const struct resolv_want *w, char **ret_text, unsigned *ret_n,
		   struct err *e)
{
	_cleanup_(resolv_free) struct resolv c = { 0 };
	int r = from_all(root_fd, w, &c, e);

	if (r < 0)
		return r;
	r = write_text(w, &c, ret_text, ret_n);
	return r < 0 ? err_sys(e, r, "resolv.conf") : 0;
}

int resolv_conf(const struct resolv_want *w, char **ret_text, unsigned *ret_n, struct err *e)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_sys(e, errno, "open /");
	return resolv_conf_at(root, w, ret_text, ret_n, e);
}
