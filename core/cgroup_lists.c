/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Limits of which there may be many: for block devices and for sizes of huge pages.
 *
 * Kernel: Documentation/admin-guide/cgroup-v2.rst (io.max, hugetlb), cgroup-v1/
 * blkio-controller.rst, cgroup-v1/hugetlb.rst.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/cgroup_settings.h"
#include "core/spec.h"

/* ---- block devices ---- */

static const struct {
	const char *key;
	const char *v1_file;
	bool bytes;
} io_keys[] = {
	{ "rbps", "blkio.throttle.read_bps_device", true },
	{ "wbps", "blkio.throttle.write_bps_device", true },
	{ "riops", "blkio.throttle.read_iops_device", false },
	{ "wiops", "blkio.throttle.write_iops_device", false },
};

struct io_max {
	char *device; /* a path, or "MAJOR:MINOR" */
	uint64_t v[ARRAY_SIZE(io_keys)]; /* 0: left as it is */
};

static void io_max_free(struct io_max *m)
{
	free(m->device);
}

static const char *io_key(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(io_keys) ? io_keys[i].key : NULL;
}

/* Bytes as everywhere, and with docker's "mb". */
static int parse_bytes(const char *s, uint64_t *ret, struct err *e)
{
	size_t n = strlen(s);
	char word[32];

	if (n > 2 && n < sizeof(word) && strchr("bB", s[n - 1]) && strchr("kKmMgGtT", s[n - 2]) &&
	    str_fmt(word, sizeof(word), "%.*s", (int)n - 1, s) >= 0)
		return parse_size(word, ret, e);
	return parse_size(s, ret, e);
}

/* KEY=VALUE of one device */
static int io_max_pair(const char *pair, struct io_max *m, struct err *e)
{
	size_t n = strcspn(pair, "=");
	const char *near;
	char key[16];
	int r;

	for (size_t i = 0; pair[n] && i < ARRAY_SIZE(io_keys); i++) {
		if (strlen(io_keys[i].key) != n || strncmp(io_keys[i].key, pair, n) != 0)
			continue;
		r = io_keys[i].bytes ? parse_bytes(pair + n + 1, &m->v[i], e)
				     : parse_u64(pair + n + 1, 1, UINT32_MAX, &m->v[i], e);
		if (r >= 0 && !m->v[i])
			r = err_set(e, -EINVAL, "%s: 0 would stop the device", io_keys[i].key);
		return r;
	}
	snprintf(key, sizeof(key), "%.*s", (int)n, pair);
	near = str_nearest(key, io_key, NULL);
	if (near)
		err_hint(e, "did you mean %s=?", near);
	return err_set(e, -EINVAL, "'%s' is none of rbps=, wbps=, riops=, wiops=", pair);
}

/* DEVICE:KEY=VALUE[,KEY=VALUE...]; a device by number has a ':' of its own. */
static int io_max_parse(const char *word, struct io_max *m, struct err *e)
{
	struct strv pairs __attribute__((cleanup(strv_free))) = { 0 };
	const char *colon = strrchr(word, ':');
	int r;

	if (!colon || colon == word || !colon[1])
		return err_set(e, -EINVAL, "'%s' is not DEVICE:KEY=N", word);
	m->device = strndup(word, (size_t)(colon - word));
	r = m->device ? strv_split(&pairs, colon + 1, ",") : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < pairs.n; i++)
		r = io_max_pair(pairs.v[i], m, e);
	return r;
}

int cgroup_io_max_check(const char *word, struct err *e)
{
	struct io_max m __attribute__((cleanup(io_max_free))) = { 0 };

	return io_max_parse(word, &m, e);
}

static bool parse_dev(const char *word, uint32_t *major, uint32_t *minor)
{
	return cur_u32(&word, 0, UINT32_MAX, major) && cur_lit(&word, ":") &&
	       cur_u32(&word, 0, UINT32_MAX, minor) && !*word;
}

/* "254:0" */
static int device_number(const struct io_max *m, const char *option, char *buf, size_t size,
			 struct err *e)
{
	uint32_t major, minor;
	struct stat st;

	if (!parse_dev(m->device, &major, &minor)) {
		if (stat(m->device, &st) < 0)
			return err_sys(e, errno, "%s: %s", option, m->device);
		if (!S_ISBLK(st.st_mode)) {
			err_hint(e, "lsblk lists them");
			return err_set(e, -ENOTBLK, "%s: %s is no block device", option, m->device);
		}
		major = major(st.st_rdev);
		minor = minor(st.st_rdev);
	}
	return str_fmt(buf, size, "%u:%u", major, minor);
}

static int io_max_one(const struct io_max *m, const struct cg_setting *like, struct cg_settings *s,
		      struct err *e)
{
	bool v2 = like->tree->ops == &cg_v2;
	char dev[32], text[80];
	int r = device_number(m, like->option, dev, sizeof(dev), e);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(io_keys); i++) {
		if (!m->v[i])
			continue;
		snprintf(text, sizeof(text), "%s %s%s%llu", dev, v2 ? io_keys[i].key : "",
			 v2 ? "=" : "", (unsigned long long)m->v[i]);
		r = cg_settings_add(s, like, v2 ? "io.max" : io_keys[i].v1_file, text, e);
	}
	return r;
}

int cg_io_max_settings(const struct ct_limits *l, const struct cg_setting *like,
		       struct cg_settings *s, struct err *e)
{
	struct cg_setting mine = *like;
	int r = 0;

	mine.by_device = true;
	for (size_t i = 0; r >= 0 && i < l->io_max.n; i++) {
		struct io_max m __attribute__((cleanup(io_max_free))) = { 0 };

		r = io_max_parse(l->io_max.v[i], &m, e);
		if (r < 0)
			return err_wrap(e, r, "%s", like->option);
		r = io_max_one(&m, &mine, s, e);
	}
	return r;
}

/* ---- huge pages ---- */

/* As the kernel names its files: hugetlb.2MB.max (mem_fmt() of mm/hugetlb_cgroup.c). */
static int page_name(uint64_t size, char *buf, size_t len)
{
	static const char units[] = "KMG";
	int u = size >= 1u << 30 ? 2 : size >= 1u << 20 ? 1 : 0;

	return str_fmt(buf, len, "%llu%cB", (unsigned long long)size >> (10 * (u + 1)), units[u]);
}

static int hugetlb_parse(const char *word, uint64_t *ret_page, uint64_t *ret_size, struct err *e)
{
	_cleanup_free_ char *page = NULL;
	char *size; /* lies in page's allocation */
	int r = parse_key_value(word, &page, &size, e);

	if (r < 0)
		err_hint(e, "PAGE=BYTES, as in 2M=64M");
	if (r >= 0)
		r = parse_bytes(page, ret_page, e);
	if (r >= 0)
		r = parse_bytes(size, ret_size, e);
	if (r >= 0 && (*ret_page < 4096 || *ret_page & (*ret_page - 1)))
		r = err_set(e, -EINVAL, "%s is not the size of a huge page, as 2M", page);
	return r;
}

int cgroup_hugetlb_check(const char *word, struct err *e)
{
	uint64_t page, size;

	return hugetlb_parse(word, &page, &size, e);
}

int cg_hugetlb_settings(const struct ct_limits *l, const struct cg_setting *like,
			struct cg_settings *s, struct err *e)
{
	const char *end = like->tree->ops == &cg_v2 ? "max" : "limit_in_bytes";
	int r = 0;

	for (size_t i = 0; r >= 0 && i < l->hugetlb.n; i++) {
		char name[32], file[64], text[32];
		uint64_t page, size;

		r = hugetlb_parse(l->hugetlb.v[i], &page, &size, e);
		if (r < 0)
			return err_wrap(e, r, "%s", like->option);
		snprintf(text, sizeof(text), "%llu", (unsigned long long)size);
		r = page_name(page, name, sizeof(name));
		if (r >= 0)
			r = str_fmt(file, sizeof(file), "hugetlb.%s.%s", name, end);
		if (r >= 0)
			r = cg_settings_add(s, like, file, text, e);
	}
	return r;
}
