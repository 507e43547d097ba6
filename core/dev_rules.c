/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the devices controller is told: nothing, all kinds of nodes may be made
 * (as docker has it: making is not using), the usual ones be used, then what was
 * asked for.
 *
 * Joining one group more is no small part of a start, and a container that cannot
 * mount has no file system in which a node of its making would work. So the
 * controller is asked only where that is not so: CAP_SYS_ADMIN, which can mount, or
 * a volume that is not nodev; and where something was said that it alone can hold,
 * rules and devices.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/vec.h"
#include "core/dev.h"
#include "core/spec.h"

struct rules {
	struct ct_device_rule *v;
	size_t n;
	bool failed;
};

static void add(struct rules *l, const struct ct_device_rule *rule)
{
	struct ct_device_rule *added;

	if (l->failed)
		return;
	added = VEC_ADD(l->v, l->n);
	if (added)
		*added = *rule;
	else
		l->failed = true;
}

static void add_usual(struct rules *l)
{
	/* the terminal: console, ptmx and what devpts makes */
	static const struct ct_device_rule terminal[] = {
		{ true, 'c', 5, 1, "rwm" },
		{ true, 'c', 5, 2, "rwm" },
		{ true, 'c', 136, -1, "rwm" },
	};
	uint32_t major, minor;

	for (size_t i = 0; dev_usual(i, &major, &minor); i++)
		add(l, &(struct ct_device_rule){ true, 'c', major, minor, "rwm" });
	for (size_t i = 0; i < ARRAY_SIZE(terminal); i++)
		add(l, &terminal[i]);
}

static void add_given(struct rules *l, const struct ct_spec *spec)
{
	for (size_t i = 0; i < spec->n_device_rules; i++)
		add(l, &spec->device_rules[i]);
}

static void add_devices(struct rules *l, const struct ct_spec *spec)
{
	for (size_t i = 0; i < spec->n_devices; i++) {
		const struct ct_device *d = &spec->devices[i];
		struct ct_device_rule rule = { true, d->type, d->major, d->minor, "" };

		if (!d->access[0])
			continue; /* a node alone: a bundle says elsewhere what may be used */
		memcpy(rule.access, d->access, sizeof(rule.access));
		add(l, &rule);
	}
}

/* In a user namespace nobody can make a node that works, whatever may be mounted. */
static bool can_make_nodes(void)
{
	_cleanup_free_ char *map = NULL;
	const char *p;

	if (file_read_at(AT_FDCWD, "/proc/self/uid_map", 4096, &map, NULL) < 0)
		return true;
	/* the first user namespace has one line, with every number: "0 0 4294967295" */
	p = map + strspn(map, " ");
	if (!cur_lit(&p, "0"))
		return false;
	p += strspn(p, " ");
	if (!cur_lit(&p, "0"))
		return false;
	p += strspn(p, " ");
	return cur_lit(&p, "4294967295");
}

static bool needed(const struct ct_spec *spec)
{
	if (spec->n_device_rules || spec->devices_given)
		return true;
	/* all of a device needs no rule, so none is made where groups may be out of reach */
	for (size_t i = 0; i < spec->n_devices; i++)
		if (strlen(spec->devices[i].access) < strlen("rwm") || can_make_nodes())
			return true;
	if (!(spec->caps & (1ULL << CAP_MKNOD)) || spec->ns[CT_NS_USER].mode != CT_NS_DEFAULT)
		return false;
	for (size_t i = 0; i < spec->n_mounts; i++)
		if (spec->mounts[i].dev)
			return true;
	return spec->caps & (1ULL << CAP_SYS_ADMIN) && can_make_nodes();
}

int dev_rules_make(const struct ct_spec *spec, struct ct_device_rule **ret, size_t *ret_n,
		   struct err *e)
{
	static const struct ct_device_rule none = { false, 'a', -1, -1, "rwm" },
					   make[] = { { true, 'c', -1, -1, "m" },
						      { true, 'b', -1, -1, "m" } };
	struct rules l = { NULL, 0, false };

	*ret = NULL;
	*ret_n = 0;
	if (spec->privileged || !needed(spec))
		return 0;
	add(&l, &none);
	/* a bundle says itself what may be made, and leaves the usual ones to the runtime */
	if (spec->devices_given)
		add_given(&l, spec);
	for (size_t i = 0; i < ARRAY_SIZE(make) && !spec->devices_given; i++)
		add(&l, &make[i]);
	add_usual(&l);
	add_devices(&l, spec);
	if (!spec->devices_given)
		add_given(&l, spec);
	if (l.failed) {
		free(l.v);
		return err_sys(e, -ENOMEM, "device rules");
	}
	*ret = l.v;
	*ret_n = l.n;
	return 0;
}
