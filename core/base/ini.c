/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file is read once into memory. ini_scan.c goes over the text and yields
 * headers and keys with their positions; iniparser reads the same text from a
 * memory file and has the last word on every value.
 *
 * iniparser searches its whole dictionary on each insertion, so it gets the
 * text in pieces of some thousand keys, cut at section headers.
 */
#include "core/base/ini.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/ini_scan.h"
#include "core/base/str.h"

#include <errno.h>
#include <iniparser.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FILE_MAX  (1024UL * 1024)
#define PIECE_MAX 1024

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/*
 * Names and values all lie in one block: a name and its NUL take no more than
 * "name=", a value and its NUL no more than "value\n" did in the text.
 */
struct ini_store {
	const struct ini_entry **sorted; /* by section, key, position */
	size_t used, size;
	char strings[];
};

static const char *keep(struct ini *ini, const char *s)
{
	struct ini_store *st = ini->store;
	size_t len = strlen(s) + 1;
	char *p = st->strings + st->used;

	if (len > st->size - st->used)
		return NULL;
	memcpy(p, s, len);
	st->used += len;
	return p;
}

void ini_free(struct ini *ini)
{
	if (ini->store)
		free(ini->store->sorted);
	free(ini->store);
	free(ini->entries);
	free(ini->file);
	*ini = (struct ini){ 0 };
}

/* The array doubles at powers of two, as strv does. */
static int add_entry(struct ini *ini, const struct ini_item *item, struct err *e)
{
	struct ini_entry entry = { .line = item->line, .col = item->col };
	const char *name = keep(ini, item->name);

	if (!(ini->n & (ini->n + 1))) {
		struct ini_entry *p =
			reallocarray(ini->entries, ini->n + 1, 2 * sizeof(*ini->entries));

		if (!p)
			return err_sys(e, ENOMEM, "%s", ini->file);
		ini->entries = p;
	}
	if (!name)
		return err_sys(e, ENOMEM, "%s", ini->file);
	if (item->header) {
		entry.section = name;
	} else if (ini->n) {
		entry.section = ini->entries[ini->n - 1].section;
		entry.key = name;
	} else {
		return err_set(e, EINVAL, "%s:%u:%u: a key before the first [section]", ini->file,
			       entry.line, entry.col);
	}
	ini->entries[ini->n++] = entry;
	return 0;
}

static int compare(const char *section, const char *key, const struct ini_entry *b)
{
	int r = strcmp(section, b->section);

	if (r || key == b->key)
		return r;
	if (!key || !b->key)
		return key ? 1 : -1;
	return strcmp(key, b->key);
}

static int compare_entries(const void *a, const void *b)
{
	const struct ini_entry *x = *(const struct ini_entry *const *)a;
	const struct ini_entry *y = *(const struct ini_entry *const *)b;
	int r = compare(x->section, x->key, y);

	return r ? r : (x > y) - (x < y);
}

/* Sorts the look-up table; of several duplicates the first in the file is reported. */
static int index_entries(struct ini *ini, struct err *e)
{
	const struct ini_entry **v, *dup = NULL, *first = NULL;
	char what[256];

	v = calloc(ini->n + 1, sizeof(*v));
	if (!v)
		return err_sys(e, ENOMEM, "%s", ini->file);
	ini->store->sorted = v;
	for (size_t i = 0; i < ini->n; i++)
		v[i] = &ini->entries[i];
	qsort(v, ini->n, sizeof(*v), compare_entries);
	for (size_t i = 1; i < ini->n; i++) {
		if (!compare(v[i]->section, v[i]->key, v[i - 1]) && (!dup || v[i] < dup)) {
			dup = v[i];
			first = v[i - 1];
		}
	}
	if (!dup)
		return 0;
	snprintf(what, sizeof(what), dup->key ? "\"%s\" is already set" : "[%s] already begins",
		 dup->key ? dup->key : dup->section);
	return err_set(e, EINVAL, "%s:%u:%u: %s in line %u", ini->file, dup->line, dup->col, what,
		       first->line);
}

static int quiet(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whatever iniparser could complain of was refused before. */
static int quiet(const char *fmt, ...)
{
	return 0;
}

/* A memory file that may not be executed; kernels before 6.3 do not know the flag. */
static int memory_file(void)
{
	int fd = memfd_create("ini", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("ini", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void cleanup_dictionary(dictionary **d)
{
	if (*d)
		iniparser_freedict(*d);
}

/* iniparser 4.1 reads only what has a path. */
static int parse_piece(const char *file, const char *text, size_t len, dictionary **ret,
		       struct err *e)
{
	_cleanup_close_ int fd = memory_file();
	char path[32];
	int r = fd < 0 ? fd : fd_write_all(fd, text, len);

	if (r >= 0)
		r = fd_write_all(fd, "\n", 1);
	if (r < 0) {
		err_sys(e, r, "%s: memory for it", file);
		return r;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	iniparser_set_error_callback(quiet);
	*ret = iniparser_load(path);
	if (*ret)
		return 0;
	err_hint(e, "is /proc mounted?");
	err_set(e, EIO, "%s: iniparser cannot read it", file);
	return -EIO;
}

/* True when the dictionary's key is "section" or "section:key" of the entry. */
static bool is_entry(const char *name, const struct ini_entry *at)
{
	size_t len = strlen(at->section);

	if (!name || strncmp(name, at->section, len))
		return false;
	return at->key ? name[len] == ':' && !strcmp(name + len + 1, at->key) : !name[len];
}

/*
 * Copies the values of n entries from the piece that holds them. Without
 * duplicates the dictionary has them in the order of the text; iniparser does
 * not promise that, so each is checked and, where it is not so, searched.
 */
static int fill_values(struct ini *ini, struct ini_entry *at, size_t n, const dictionary *d,
		       struct err *e)
{
	for (size_t i = 0; i < n; i++, at++) {
		const char *value = NULL;
		char name[2 * INI_LINE_MAX + 2];

		if (!at->key)
			continue;
		if (i < (size_t)d->size && is_entry(d->key[i], at)) {
			value = d->val[i];
		} else if (str_fmt(name, sizeof(name), "%s:%s", at->section, at->key) >= 0) {
			value = dictionary_get(d, name, NULL);
		}
		if (!value)
			return err_set(e, EIO, "%s:%u:%u: iniparser does not see this key",
				       ini->file, at->line, at->col);
		at->value = keep(ini, value);
		if (!at->value)
			return err_sys(e, ENOMEM, "%s", ini->file);
	}
	return 0;
}

/* Where in the text a piece begins, and its first entry; the next one is its end. */
struct piece {
	size_t begin, first;
};

/* No entry is shorter than "k=" and a newline. */
#define PIECES_MAX (FILE_MAX / 3 / PIECE_MAX + 2)

struct pieces {
	struct piece v[PIECES_MAX];
	size_t n;
};

static int read_names(struct ini *ini, const char *text, size_t len, struct pieces *p,
		      struct err *e)
{
	struct ini_item item;
	struct ini_scan sc;
	int r;

	ini_scan_init(&sc, ini->file, text, len);
	p->v[p->n++] = (struct piece){ 0 };
	while ((r = ini_scan_next(&sc, &item, e)) > 0) {
		if (item.header && ini->n - p->v[p->n - 1].first >= PIECE_MAX)
			p->v[p->n++] = (struct piece){ .begin = item.offset, .first = ini->n };
		r = add_entry(ini, &item, e);
		if (r < 0)
			return r;
	}
	p->v[p->n] = (struct piece){ .begin = len, .first = ini->n };
	return r;
}

/* The configuration as it is installed has none: all of it is comments. */
static bool has_keys(const struct ini *ini, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (ini->entries[i].key)
			return true;
	return false;
}

static int read_values(struct ini *ini, const char *text, const struct piece *p, struct err *e)
{
	_cleanup_(cleanup_dictionary) dictionary *d = NULL;
	const struct piece *next = p + 1;
	int r;

	if (!has_keys(ini, p->first, next->first))
		return 0;
	r = parse_piece(ini->file, text + p->begin, next->begin - p->begin, &d, e);
	if (r < 0)
		return r;
	return fill_values(ini, ini->entries + p->first, next->first - p->first, d, e);
}

/* Duplicates are refused before iniparser, which lets the last one win, sees them. */
static int read_entries(struct ini *ini, const char *text, size_t len, struct err *e)
{
	struct pieces p;
	int r;

	p.n = 0;
	r = read_names(ini, text, len, &p, e);
	if (r == 0)
		r = index_entries(ini, e);
	for (size_t i = 0; r == 0 && i < p.n; i++)
		r = read_values(ini, text, &p.v[i], e);
	return r;
}

/* Windows editors put a byte order mark in front of UTF-8. */
static size_t bom_len(const char *text, size_t len)
{
	return len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

int ini_parse(const char *file, const char *text, size_t len, struct ini *ret, struct err *e)
{
	_cleanup_(ini_free) struct ini ini = { 0 };
	size_t bom = bom_len(text, len);
	int r;

	if (len > FILE_MAX)
		return err_set(e, EFBIG, "%s: more than %lu bytes", file, FILE_MAX);
	text += bom;
	len -= bom;
	ini.file = strdup(file);
	ini.store = malloc(sizeof(*ini.store) + len + 1);
	if (!ini.file || !ini.store)
		return err_sys(e, ENOMEM, "%s", file);
	/* one more than the text: the last line may lack its newline */
	*ini.store = (struct ini_store){ .size = len + 1 };
	r = read_entries(&ini, text, len, e);
	if (r < 0)
		return r;
	*ret = ini;
	ini = (struct ini){ 0 };
	return 0;
}

int ini_load(int dirfd, const char *name, struct ini *ret, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	r = file_read_at(dirfd, name, FILE_MAX, &text, &len);
	if (r < 0)
		return err_sys(e, r, "%s", name);
	return ini_parse(name, text, len, ret, e);
}

const struct ini_entry *ini_find(const struct ini *ini, const char *section, const char *key)
{
	size_t low = 0, high = ini->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int r = compare(section, key, ini->store->sorted[mid]);

		if (!r)
			return ini->store->sorted[mid];
		if (r < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const char *ini_get(const struct ini *ini, const char *section, const char *key)
{
	const struct ini_entry *at = ini_find(ini, section, key);

	return at ? at->value : NULL;
}

int ini_err(const struct ini *ini, const struct ini_entry *at, int r, struct err *e)
{
	if (at->key)
		return err_wrap(e, r, "%s:%u:%u: %s", ini->file, at->line, at->col, at->key);
	return err_wrap(e, r, "%s:%u:%u: [%s]", ini->file, at->line, at->col, at->section);
}
