/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The note "forward" holds words: "ipv4" and "ipv6" for what we turned on,
 * "ra:LINK" for each link whose accept_ra we raised, or its default route
 * would have been lost.
 */
#include "net/forward.h"

#include <errno.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "net/note.h"
#include "net/route.h"
#include "net/ruleset.h"
#include "net/store.h"
#include "net/sysctl.h"
#include "net/sysctl_file.h"

#define NOTE_FORWARD "forward"
#define NOTE_LEN     1024
#define RA_PREFIX    "ra:"

static int load(struct net *net, struct strv *words)
{
	char text[NOTE_LEN];
	int r = note_get(net->state_fd, NOTE_FORWARD, text, sizeof(text));

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : strv_split(words, text, " ");
}

static int store(struct net *net, const struct strv *words)
{
	char text[NOTE_LEN] = "";
	size_t len = 0;
	int r = 0;

	for (size_t i = 0; i < words->n && r >= 0; i++) {
		r = str_fmt(text + len, sizeof(text) - len, "%s%s", i ? " " : "", words->v[i]);
		len = strlen(text);
	}
	return r < 0 ? r : note_set(net->state_fd, NOTE_FORWARD, text);
}

/* A word of the note as the setting that it stands for. */
static char *setting_of(const char *word)
{
	if (!strcmp(word, "ipv4"))
		return str_printf("net/ipv4/ip_forward = 1");
	if (!strcmp(word, "ipv6"))
		return str_printf("net/ipv6/conf/all/forwarding = 1");
	return str_printf("net/ipv6/conf/%s/accept_ra = 2", word + strlen(RA_PREFIX));
}

/*
 * `sysctl --system`, which packages call when they are installed, sets again
 * what the files of the host say (RHEL-89477): ours comes last among them.
 */
static int keep(const struct strv *words)
{
	struct strv lines = { 0 };
	int r = 0;

	for (size_t i = 0; i < words->n && r >= 0; i++)
		r = strv_add_take(&lines, setting_of(words->v[i]));
	if (r >= 0)
		r = sysctl_file_write(&lines);
	strv_free(&lines);
	return r;
}

static int add_word(struct net *net, const char *word, struct err *e)
{
	struct strv words = { 0 };
	int r = load(net, &words);

	if (r >= 0 && !strv_has(&words, word)) {
		r = strv_add(&words, word);
		if (r >= 0)
			r = store(net, &words);
		crash_point("forward", "note");
		/* best effort: a host may have no /run to write to */
		if (r >= 0 && keep(&words) < 0)
			log_trace("forward: no file for sysctl --system");
		crash_point("forward", "file");
	}
	strv_free(&words);
	return r < 0 ? err_sys(e, r, "note the state of forwarding") : 0;
}

static int on_conf(const struct nlmsghdr *msg, void *ctx)
{
	const struct netconfmsg *nc = nl_msg_extra(msg, sizeof(*nc));
	const struct nlattr *tb[NETCONFA_MAX + 1];
	struct forward *f = ctx;
	bool on;

	if (msg->nlmsg_type != RTM_NEWNETCONF || !nc)
		return 0;
	nl_parse(msg, sizeof(*nc), tb, NETCONFA_MAX);
	on = nl_attr_u32(tb[NETCONFA_FORWARDING], 0) != 0;
	if (nc->ncm_family == AF_INET)
		f->on4 = on;
	else
		f->on6 = on;
	return 0;
}

/* ip netconf show [-6]: RTM_GETNETCONF of all interfaces, a tenth of a read below /proc/sys */
static void put_probe(struct nl_req *q, uint8_t family)
{
	struct netconfmsg *nc = nl_msg(q, RTM_GETNETCONF, 0, sizeof(*nc), "read IPv%d forwarding",
				       family == AF_INET ? 4 : 6);

	nc->ncm_family = family;
	nl_put_u32(q, NETCONFA_IFINDEX, (uint32_t)NETCONFA_IFINDEX_ALL);
}

int forward_probe(struct net *net, struct forward *f, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct strv words = { 0 };
	struct err own = ERR_INIT;
	int r = load(net, &words);

	nl_req_init(&q);
	if (r < 0)
		err_sys(e, r, "read the state of forwarding");
	f->ours4 = strv_has(&words, "ipv4");
	f->ours6 = strv_has(&words, "ipv6");
	strv_free(&words);
	if (r < 0)
		return r;
	put_probe(&q, AF_INET);
	put_probe(&q, AF_INET6);
	r = nl_run(&net->rt, &q, on_conf, f, &own);
	/* a kernel without IPv6 forwards none of it */
	if (r < 0 && (r != -EOPNOTSUPP || f->need6)) {
		if (e)
			*e = own;
		return r;
	}
	f->ours4 |= f->need4 && !f->on4;
	f->ours6 |= f->need6 && !f->on6;
	return 0;
}

unsigned forward_refused(const struct forward *f)
{
	return (f->ours4 ? RULESET_REFUSE4 : 0u) | (f->ours6 ? RULESET_REFUSE6 : 0u);
}

struct keep_ra {
	struct net *net;
	struct err *e;
};

/*
 * A router ignores router advertisements (accept_ra 1), and a default route
 * learnt from one would expire: 2 keeps it.
 */
static int keep_ra(const struct route_info *route, void *ctx)
{
	struct keep_ra *k = ctx;
	char name[IF_NAMESIZE], path[64], now[16] = "", word[32];
	int r;

	if (route->dst.len != 0 || route->protocol != RTPROT_RA ||
	    !if_indextoname(route->index, name))
		return 0;
	r = str_fmt(path, sizeof(path), "ipv6/conf/%s/accept_ra", name);
	if (r >= 0)
		r = sysctl_get(path, now, sizeof(now), NULL);
	if (r < 0 || strcmp(now, "1") != 0)
		return 0;
	r = str_fmt(word, sizeof(word), RA_PREFIX "%s", name);
	if (r >= 0)
		r = add_word(k->net, word, k->e);
	if (r >= 0)
		r = sysctl_set(path, "2", k->e);
	if (r >= 0)
		log_note("set net.ipv6.conf.%s.accept_ra to 2, or its default route would expire",
			 name);
	return r;
}

static int turn_on4(struct net *net, struct err *e)
{
	int r = add_word(net, "ipv4", e);

	if (r >= 0)
		r = sysctl_set("ipv4/ip_forward", "1", e);
	crash_point("forward", "ipv4");
	if (r >= 0)
		log_note("turned on net.ipv4.ip_forward; "
			 "forwarding between other interfaces stays refused");
	return r;
}

static int turn_on6(struct net *net, struct err *e)
{
	struct keep_ra k = { net, e };
	int r = route_list(&net->rt, AF_INET6, keep_ra, &k, e);

	if (r >= 0)
		r = add_word(net, "ipv6", e);
	if (r >= 0)
		r = sysctl_set("ipv6/conf/all/forwarding", "1", e);
	crash_point("forward", "ipv6");
	if (r >= 0)
		log_note("turned on net.ipv6.conf.all.forwarding; "
			 "forwarding between other interfaces stays refused");
	return r;
}

int forward_apply(struct net *net, const struct forward *f, struct err *e)
{
	int r = 0;

	if (f->need4 && !f->on4)
		r = turn_on4(net, e);
	if (r >= 0 && f->need6 && !f->on6)
		r = turn_on6(net, e);
	return r;
}

static int restore_ra(const char *link)
{
	char path[64];
	int r = str_fmt(path, sizeof(path), "ipv6/conf/%s/accept_ra", link);

	if (r >= 0)
		r = sysctl_set(path, "1", NULL);
	return r == -ENOENT ? 0 : r;
}

/* Best effort word by word: a link that went away takes nothing else with it. */
int forward_restore(struct net *net, struct err *e)
{
	struct strv words = { 0 };
	int r = load(net, &words);

	for (size_t i = 0; i < words.n && r >= 0; i++) {
		if (!strcmp(words.v[i], "ipv4"))
			r = sysctl_set("ipv4/ip_forward", "0", e);
		else if (!strcmp(words.v[i], "ipv6"))
			r = sysctl_set("ipv6/conf/all/forwarding", "0", e);
		else if (str_starts(words.v[i], RA_PREFIX))
			restore_ra(words.v[i] + strlen(RA_PREFIX));
	}
	if (words.n && r >= 0) {
		r = sysctl_file_remove();
		if (r < 0)
			err_sys(e, r, "remove what `sysctl --system` reads");
	}
	crash_point("forward", "restored");
	strv_free(&words);
	return r < 0 ? r : note_del(net->state_fd, NOTE_FORWARD);
}
