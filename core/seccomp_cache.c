/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiling a profile of 400 names costs some milliseconds, more than a start. A file
 * of the cache is found by a short hash and believed only when all that it was
 * made from stands in it, word for word, the profile too; so no hash has to be
 * a strong one. A checksum tells what a disk or a half-written file did to it. The
 * directory is below the state root, which is nobody's but ours.
 */
#include "core/seccomp_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/state.h"

#define FORMAT	  1U /* to change with whatever makes another program of the same profile */
#define TEXT_MAX  (1UL << 20)
#define FILE_MAX  (TEXT_MAX + sizeof(struct head) + BPF_MAXINSNS * sizeof(struct sock_filter))
#define FILES_MAX 64 /* then the cache begins anew */
#define BESIDE	  "seccomp" /* in a container's directory */

/* In front of the text and the instructions. */
struct head {
	char mark[8];
	uint32_t format, flags;
	uint64_t sum; /* of everything behind it */
	uint64_t caps, text_len;
	uint32_t n, zero;
	char release[sizeof(((struct utsname *)0)->release)];
	char version[23];
};

static uint64_t fnv(uint64_t h, const void *buf, size_t len)
{
	const unsigned char *p = buf;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	return h;
}

#define FNV_START  0xcbf29ce484222325ULL
#define SUM_OFFSET (offsetof(struct head, sum) + sizeof(uint64_t))

static uint64_t sum_of(const char *file, size_t len)
{
	return fnv(FNV_START, file + SUM_OFFSET, len - SUM_OFFSET);
}

static void head_start(struct head *h)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->mark, "ctfilter", sizeof(h->mark));
	h->format = FORMAT;
}

static void head_fill(struct head *h, uint64_t caps)
{
	struct utsname u;

	head_start(h);
	h->caps = caps;
	snprintf(h->version, sizeof(h->version), "%s", CT_VERSION);
	if (uname(&u) == 0)
		memcpy(h->release, u.release, strnlen(u.release, sizeof(h->release) - 1));
}

void seccomp_filter_free(struct seccomp_filter *f)
{
	free(f->insns);
	*f = (struct seccomp_filter){ 0 };
}

/* h: what it was made from. */
static int filter_write(int dir, const char *name, struct head *h, const char *text,
			const struct seccomp_filter *f)
{
	size_t code = f->n * sizeof(*f->insns), len = sizeof(*h) + h->text_len + code;
	_cleanup_free_ char *buf = malloc(len);

	if (!buf)
		return -ENOMEM;
	h->n = f->n;
	h->flags = f->flags;
	memcpy(buf + sizeof(*h), text, h->text_len);
	memcpy(buf + sizeof(*h) + h->text_len, f->insns, code);
	memcpy(buf, h, sizeof(*h));
	h->sum = sum_of(buf, len);
	memcpy(buf, h, sizeof(*h));
	return file_replace_at(dir, name, buf, len, 0600, false);
}

/* The same but for what the program itself is. */
static bool same_origin(const struct head *a, const struct head *b)
{
	return !memcmp(a->mark, b->mark, sizeof(a->mark)) && a->format == b->format &&
	       a->caps == b->caps && a->text_len == b->text_len &&
	       !memcmp(a->release, b->release, sizeof(a->release)) &&
	       !memcmp(a->version, b->version, sizeof(a->version));
}

/* -ESTALE: it is not that, or damaged. */
static int filter_read(int dir, const char *name, const struct head *want, const char *text,
		       struct seccomp_filter *ret)
{
	_cleanup_free_ char *buf = NULL;
	const char *code;
	struct head h;
	size_t len;
	int r = file_read_at(dir, name, FILE_MAX, &buf, &len);

	if (r < 0)
		return r;
	if (len < sizeof(h))
		return -ESTALE;
	memcpy(&h, buf, sizeof(h));
	if (!same_origin(&h, want) || !h.n || h.n > BPF_MAXINSNS ||
	    len != sizeof(h) + h.text_len + h.n * sizeof(*ret->insns) ||
	    sum_of(buf, len) != h.sum || memcmp(buf + sizeof(h), text, h.text_len) != 0)
		return -ESTALE;
	code = buf + sizeof(h) + h.text_len;
	ret->insns = malloc(h.n * sizeof(*ret->insns));
	if (!ret->insns)
		return -ENOMEM;
	memcpy(ret->insns, code, h.n * sizeof(*ret->insns));
	ret->n = (uint16_t)h.n;
	ret->flags = h.flags;
	return 0;
}

/* ---- the cache ---- */

static int cache_open(int root_fd)
{
	_cleanup_close_ int all = dir_open_at(root_fd, "cache", true);

	return all < 0 ? all : dir_open_at(all, "seccomp", true);
}

static void cache_put(int root_fd, int dir, const char *name, struct head *h, const char *text,
		      const struct seccomp_filter *f)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	int r = dir < 0 ? dir : dir_names(dir, &names);

	for (size_t i = 0; r >= 0 && names.n >= FILES_MAX && i < names.n; i++)
		unlinkat(dir, names.v[i], 0);
	if (r >= 0)
		r = filter_write(dir, name, h, text, f);
	if (r < 0)
		log_trace("the profile is not kept compiled: %s", strerror(-r));
}

static int compile(const char *text, size_t len, uint64_t caps, struct seccomp_filter *ret,
		   struct err *e)
{
	json_error_t why;
	_cleanup_json_ json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	struct utsname u;

	if (!o)
		return err_set(e, -EINVAL, "line %d, column %d: %s", why.line, why.column,
			       why.text);
	if (uname(&u) < 0)
		return err_sys(e, errno, "uname");
	log_trace("compile a system call profile of %zu bytes", len);
	return seccomp_profile_compile(o, &(struct seccomp_host){ caps, u.release }, ret, e);
}

int seccomp_profile_get(int root_fd, const char *text, size_t len, uint64_t caps,
			struct seccomp_filter *ret, struct err *e)
{
	_cleanup_close_ int dir = cache_open(root_fd);
	char name[20];
	struct head h;
	int r;

	head_fill(&h, caps);
	h.text_len = len;
	snprintf(name, sizeof(name), "%016llx",
		 (unsigned long long)fnv(fnv(FNV_START, &h, sizeof(h)), text, len));
	if (dir >= 0 && filter_read(dir, name, &h, text, ret) >= 0)
		return 0;
	r = compile(text, len, caps, ret, e);
	if (r >= 0)
		cache_put(root_fd, dir, name, &h, text, ret);
	return r;
}

/* ---- beside the record: of any version, as the container is ---- */

int seccomp_filter_save(int root_fd, const char *id, const struct seccomp_filter *f, struct err *e)
{
	_cleanup_close_ int dir = state_dir(root_fd, id);
	struct head h;
	int r = dir;

	head_start(&h);
	if (r >= 0)
		r = filter_write(dir, BESIDE, &h, "", f);
	return r < 0 ? err_sys(e, r, "keep the system call filter of %s", id) : 0;
}

int seccomp_filter_load(int root_fd, const char *id, struct seccomp_filter *ret, struct err *e)
{
	_cleanup_close_ int dir = state_dir(root_fd, id);
	struct head h;
	int r = dir;

	head_start(&h);
	if (r >= 0)
		r = filter_read(dir, BESIDE, &h, "", ret);
	return r < 0 ? err_sys(e, r, "read the system call filter of %s", id) : 0;
}
