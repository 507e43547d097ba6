/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct __complete PROG WORD...: candidates for the last word, one a line, from
 * the same tables that parse the line. conf/completion.bash calls it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/complete_lab.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/state.h"
#include "net/netns.h"
#include "net/network.h"

static void offer(const char *word, const char *candidate)
{
	if (str_starts(candidate, word))
		puts(candidate);
}

static void offer_options(const char *word, const struct opt *table)
{
	struct opt_walk w = { .at = table };

	for (const struct opt *o; (o = opt_next(&w));) {
		char name[64];

		if (opt_is_heading(o))
			continue;
		snprintf(name, sizeof(name), "--%s", o->name);
		offer(word, name);
	}
}

static void offer_commands(const char *group, const char *word)
{
	const char *name;

	for (size_t i = 0; (name = cmd_member(group, i)); i++)
		offer(word, name);
}

static int offer_container(struct ct_info *i, void *ctx)
{
	offer(ctx, i->name);
	return 0;
}

/* Completing a line changes nothing: the definitions are read, and no more. */
static void offer_networks(struct app *app, const char *word)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	_cleanup_net_ struct net net = NET_INIT;

	if (app_load_config(app, NULL) < 0)
		return;
	net.defs_fd = open(app->defs_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (net.defs_fd < 0 || network_names(&net, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		offer(word, names.v[i]);
}

static int offer_netns(const char *name, int netns_fd, void *ctx)
{
	(void)netns_fd;
	offer(ctx, name);
	return 0;
}

/*
 * `place` words of the command stand before this one, as far as can be told, `first` is
 * the first of them.
 */
static void offer_words(struct app *app, enum cmd_words what, int place, const char *first,
			char *word)
{
	if (complete_lab(app, what, place, first, offer, word))
		return;
	if (what == WORDS_NETWORK_CONTAINER)
		what = place ? WORDS_CONTAINER : WORDS_NETWORK;
	if (what == WORDS_NETNS)
		netns_list(offer_netns, word, NULL);
	else if (what == WORDS_NETWORK)
		offer_networks(app, word);
	else if (what == WORDS_CONTAINER &&
		 dir_open_private(app->root, false, &app->root_fd, NULL) >= 0)
		state_list(app->root_fd, offer_container, word, NULL);
}

/*
 * Walks over the words before the last: the link's own command, or a group
 * word, or a command word, then its words. NULL while the command itself is being typed.
 */
static const struct cmd *typed(const char *prog, const char **group, int argc, char **argv,
			       int *ret_place, const char **ret_first)
{
	const struct cmd *cmd = cmd_of_link(prog, group);

	*ret_place = 0;
	*ret_first = NULL;
	for (int i = 0; i < argc - 1; i++) {
		const char *sub = cmd ? NULL : cmd_subgroup(*group, argv[i]);

		if (argv[i][0] == '-')
			continue;
		if (cmd && !(*ret_place)++)
			*ret_first = argv[i];
		else if (cmd)
			continue;
		else if (sub)
			*group = sub;
		else
			cmd = cmd_find(*group, argv[i]);
	}
	return cmd;
}

int cmd_complete(struct app *app, int argc, char **argv)
{
	const char *group = "";
	const struct cmd *cmd;
	const char *first;
	char *word;
	int place;

	if (argc < 2)
		return 0;
	cmd = typed(argv[0], &group, argc - 1, argv + 1, &place, &first);
	word = argv[argc - 1];
	if (word[0] == '-') {
		offer_options(word, cmd ? cmd->opts : NULL);
		offer_options(word, app_opts);
	} else if (!cmd) {
		offer_commands(group, word);
	} else if (!strcmp(argv[argc - 2], "--net")) {
		offer_words(app, WORDS_NETWORK, place, first, word);
	} else {
		offer_words(app, cmd->words, place, first, word);
	}
	app_close(app);
	return 0;
}
