/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_phys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/parse.h"

#define IFNAME "ifname="

static int set_word(struct run_phys *p, const char *word, struct err *e)
{
	const char *name = word + strlen(IFNAME);

	if (!strcmp(word, "move-virtual")) {
		p->move_virtual = true;
		return 0;
	}
	if (!str_starts(word, IFNAME)) {
		err_hint(e, "--net phys:IF[,move-virtual][,ifname=NAME]");
		return err_set(e, EINVAL, "unknown word '%s'", word);
	}
	if (name_check("interface", name, NAME_MAX_IF, e) < 0)
		return -EINVAL;
	return str_fmt(p->inside, sizeof(p->inside), "%s", name);
}

int run_phys_add(struct run_physes *list, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	struct run_phys p = { .move_virtual = false };
	int r = strv_split(&words, value, ",");

	if (r < 0)
		return r;
	if (list->n == RUN_PHYS_MAX)
		return err_set(e, E2BIG, "at most %d interfaces of the host", RUN_PHYS_MAX);
	if (!words.n || str_fmt(p.name, sizeof(p.name), "%s", words.v[0]) < 0 || !p.name[0])
		return err_set(e, EINVAL, "'phys:%s' names no interface", value);
	for (size_t i = 1; i < words.n && r >= 0; i++)
		r = set_word(&p, words.v[i], e);
	if (r >= 0)
		list->v[list->n++] = p;
	return r < 0 ? r : 0;
}

int run_phys_take(struct net *net, const struct run_physes *list, const char *owner,
		  const struct proc_id *init, int netns_fd, struct run_phys_taken *t, struct err *e)
{
	int r = 0;

	if (!list->n)
		return 0;
	t->netns_fd = fcntl(netns_fd, F_DUPFD_CLOEXEC, 3);
	if (t->netns_fd < 0)
		return err_sys(e, errno, "hold the network namespace");
	for (size_t i = 0; i < list->n && r >= 0; i++) {
		const struct run_phys *p = &list->v[i];
		struct phys_spec s = { .name = p->name,
				       .inside = p->inside[0] ? p->inside : NULL,
				       .owner = owner,
				       .holder = *init,
				       .move_virtual = p->move_virtual };

		r = phys_take(net, &s, netns_fd, &t->v[t->n], e);
		if (r >= 0)
			t->n++;
	}
	if (!t->n)
		fd_close(t->netns_fd);
	return r;
}

void run_phys_return(struct net *net, struct run_phys_taken *t)
{
	if (!t->n)
		return;
	while (t->n) {
		struct err e = ERR_INIT;

		if (phys_return(net, &t->v[--t->n], t->netns_fd, &e) < 0)
			log_note("%s", e.msg);
	}
	fd_close(t->netns_fd);
}
