/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/device.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/dev.h"
#include "core/spec.h"

/* Letters of "rwm", each at most once; false for anything else. */
static bool access_read(const char *s, char ret[4])
{
	char set[4] = "";
	size_t n = 0;

	for (; *s; s++) {
		if (!strchr("rwm", *s) || strchr(set, *s))
			return false;
		set[n++] = *s;
	}
	if (n)
		memcpy(ret, set, sizeof(set));
	return n > 0;
}

/* ---- --device ---- */

struct adding {
	struct ct_spec *spec;
	struct strv *owned;
	const char *source, *target;
	char access[4];
};

static const char *kept(struct strv *owned, char *text)
{
	return strv_add_take(owned, text) < 0 ? NULL : owned->v[owned->n - 1];
}

/* d->path is what comes behind source and target, or "". */
static int add_one(const struct adding *a, const struct dev_found *d)
{
	const char *slash = *d->path ? "/" : "";
	struct ct_device dev = {
		.source = kept(a->owned, str_printf("%s%s%s", a->source, slash, d->path)),
		.target = kept(a->owned, str_printf("%s%s%s", a->target, slash, d->path)),
		.type = S_ISBLK(d->mode) ? 'b' : 'c',
		.major = major(d->rdev),
		.minor = minor(d->rdev),
		.mode = d->mode & 0777,
		.uid = d->uid,
		.gid = d->gid,
	};
	struct ct_device *added;

	if (!dev.source || !dev.target)
		return -ENOMEM;
	memcpy(dev.access, a->access, sizeof(dev.access));
	added = VEC_ADD(a->spec->devices, a->spec->n_devices);
	if (!added)
		return -ENOMEM;
	*added = dev;
	return 0;
}

static int found(const struct dev_found *d, void *ctx)
{
	return add_one(ctx, d);
}

static int add_dir(struct adding *a, int fd, struct err *e)
{
	size_t before = a->spec->n_devices;
	int r = dev_walk(fd, found, a);

	if (r < 0)
		return err_sys(e, r, "look for devices in %s", a->source);
	if (a->spec->n_devices == before)
		return err_set(e, EINVAL, "%s has no device in it", a->source);
	return 0;
}

/* SRC, SRC:DST, SRC:rwm, SRC:DST:rwm; what has only these letters is no path. */
static int words_read(char *word, struct adding *a, struct err *e)
{
	char *second = strchr(word, ':'), *third = second ? strchr(second + 1, ':') : NULL;

	if (second)
		*second++ = '\0';
	if (third)
		*third++ = '\0';
	a->source = word;
	a->target = second && (third || !access_read(second, a->access)) ? second : word;
	if (third && !access_read(third, a->access))
		return err_set(e, EINVAL, "'%s': access is of the letters r, w and m", third);
	if (*a->source != '/')
		return err_set(e, EINVAL, "'%s' is not the absolute path of a device", a->source);
	if (*a->target != '/' || !a->target[1])
		return err_set(e, EINVAL, "'%s': neither an absolute path nor letters of rwm",
			       a->target);
	return 0;
}

int device_add(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e)
{
	struct adding a = { .spec = spec, .owned = owned, .access = "rwm" };
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r = strv_add(owned, word);

	if (r >= 0)
		r = words_read(owned->v[owned->n - 1], &a, e);
	if (r < 0)
		return r;
	fd = open(a.source, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, errno, "%s", a.source);
	if (S_ISDIR(st.st_mode))
		return add_dir(&a, fd, e);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
		err_hint(e, "-v mounts files and directories");
		return err_set(e, EINVAL, "%s is not a device", a.source);
	}
	return add_one(&a, &(struct dev_found){ "", st.st_mode, st.st_rdev, st.st_uid, st.st_gid });
}

/* ---- --device-cgroup-rule ---- */

static bool number_read(const char **p, int64_t *ret)
{
	uint32_t n;

	if (cur_lit(p, "*")) {
		*ret = -1;
		return true;
	}
	if (!cur_u32(p, 0, UINT32_MAX, &n))
		return false;
	*ret = n;
	return true;
}

static bool rule_read(const char *word, struct ct_device_rule *ret)
{
	const char *p = word;

	*ret = (struct ct_device_rule){ true, word[0], -1, -1, "rwm" };
	if (!strcmp(word, "a"))
		return true;
	if (!*p || !strchr("abc", *p++) || !cur_lit(&p, " "))
		return false;
	return number_read(&p, &ret->major) && cur_lit(&p, ":") && number_read(&p, &ret->minor) &&
	       cur_lit(&p, " ") && access_read(p, ret->access);
}

int device_rule_add(struct ct_spec *spec, const char *word, struct err *e)
{
	struct ct_device_rule rule, *added;

	if (!rule_read(word, &rule)) {
		err_hint(e, "for example 'c 10:200 rwm', 'b 8:* r'");
		return err_set(e, EINVAL, "'%s' is not TYPE MAJOR:MINOR ACCESS", word);
	}
	added = VEC_ADD(spec->device_rules, spec->n_device_rules);
	if (!added)
		return err_sys(e, -ENOMEM, "device rules");
	*added = rule;
	return 0;
}
