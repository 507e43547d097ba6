/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_settings - limits as what is written where: a list of files, each with
 * its hierarchy and text, in the order of writing. Made of a struct ct_limits by
 * the table in cgroup_limits.c, written at creation, changed and changed back by
 * cgroup_update.c. Private to the cgroup modules.
 */
#ifndef CT_CORE_CGROUP_SETTINGS_H
#define CT_CORE_CGROUP_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cgroup_tree.h"

struct ct_limits;
struct err;

/* When the kernel does not have the file. */
enum cg_missing {
	CG_MUST, /* an error */
	CG_MAY, /* as well without it */
	CG_ELSE, /* the next setting is another way to say it, and else not written */
};

struct cg_setting {
	const char *option; /* "--memory", for messages */
	const struct cg_tree *tree;
	enum cg_controller controller; /* CG_N_CONTROLLERS: every v2 group has the file */
	enum cg_missing missing;
	bool by_device; /* the file has a line for each device, which the text begins with */
	char file[64];
	char *text;
	char *before; /* what stood there, when it was changed */
};

struct cg_settings {
	struct cg_setting *v;
	size_t n;
};

#define CG_SETTINGS_INIT \
	{                \
		.n = 0   \
	}

/* -EINVAL: what cannot be; -ENOTSUP: no hierarchy has the controller. */
int cg_settings_make(const struct cg_trees *trees, const struct ct_limits *l,
		     struct cg_settings *ret, struct err *e);
void cg_settings_free(struct cg_settings *s);
/* Appends; like is what the new one has in common with its neighbours, text is copied. */
int cg_settings_add(struct cg_settings *s, const struct cg_setting *like, const char *file,
		    const char *text, struct err *e);

/* Which controllers of a hierarchy they need, as bits. */
uint32_t cg_settings_controllers(const struct cg_settings *s, const struct cg_tree *t);
/* Whether any is for this hierarchy; its option, or NULL. */
const char *cg_settings_option(const struct cg_settings *s, const struct cg_tree *t);

/*
 * Writes those of one hierarchy into the group at path, whose directory is group_fd;
 * in v2 the controllers are made usable there first. -ENOTSUP when the kernel lacks the file
 * or the controller, else the errno of the write.
 */
int cg_settings_write(const struct cg_settings *s, const struct cg_tree *t, const char *path,
		      int group_fd, struct err *e);
/* The same for one, with its file's text as it was in s->before; for cg_setting_undo(). */
int cg_setting_change(struct cg_setting *s, const char *path, int group_fd, struct err *e);
void cg_setting_undo(const struct cg_setting *s, int group_fd);

/* cgroup_lists.c: the options that are given more than once. */
int cg_io_max_settings(const struct ct_limits *l, const struct cg_setting *like,
		       struct cg_settings *s, struct err *e);
int cg_hugetlb_settings(const struct ct_limits *l, const struct cg_setting *like,
			struct cg_settings *s, struct err *e);
/* cgroup_raw.c */
int cg_raw_settings(const struct cg_trees *trees, const struct ct_limits *l, struct cg_settings *s,
		    struct err *e);

#endif
