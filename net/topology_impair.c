/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One row a parameter: its name, its bit in a value, what reads and writes it. */
#include "net/topology_impair.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/str.h"

#define NS_PER_HOUR (3600 * 1000000000ULL)

/* ---- values with units ---- */

static int share_err(const char *s, struct err *e)
{
	return err_set(e, EINVAL, "\"%.80s\" is not a share from 0%% to 100%%, as in 0.5%%", s);
}

/* Digits, a point, more digits, %: seven of them matter. */
int topo_parse_share(const char *s, uint32_t *ret, struct err *e)
{
	const char *p = s;
	uint64_t percent, part = 0, scale = TOPO_SHARE_ALL / 100;

	if (!strcmp(s, "0")) {
		*ret = 0;
		return 0;
	}
	if (!cur_u64(&p, 0, 100, &percent))
		return share_err(s, e);
	if (cur_lit(&p, ".")) {
		if (*p < '0' || *p > '9')
			return share_err(s, e);
		for (; *p >= '0' && *p <= '9'; p++) {
			scale /= 10;
			part += scale * (unsigned)(*p - '0');
		}
	}
	if (strcmp(p, "%") || percent * (TOPO_SHARE_ALL / 100) + part > TOPO_SHARE_ALL)
		return share_err(s, e);
	*ret = (uint32_t)(percent * (TOPO_SHARE_ALL / 100) + part);
	return 0;
}

const char *topo_share_str(uint64_t share, char buf[IMPAIR_STRLEN])
{
	size_t n;

	snprintf(buf, IMPAIR_STRLEN, "%" PRIu64 ".%07" PRIu64, share / (TOPO_SHARE_ALL / 100),
		 share % (TOPO_SHARE_ALL / 100));
	n = strlen(buf);
	while (buf[n - 1] == '0')
		n--;
	if (buf[n - 1] == '.')
		n--;
	buf[n] = '%';
	buf[n + 1] = '\0';
	return buf;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* In the largest unit of which it is a whole number. */
static const char *with_unit(uint64_t v, const struct unit *units, char buf[IMPAIR_STRLEN])
{
	while (units->factor > 1 && (!v || v % units->factor))
		units++;
	snprintf(buf, IMPAIR_STRLEN, "%" PRIu64 "%s", v / units->factor, v ? units->name : "");
	return buf;
}

const char *topo_rate_str(uint64_t bps, char buf[IMPAIR_STRLEN])
{
	static const struct unit units[] = {
		{ "gbit", 1000000000 }, { "mbit", 1000000 }, { "kbit", 1000 }, { "bit", 1 }
	};

	return with_unit(bps, units, buf);
}

const char *topo_time_str(uint64_t ns, char buf[IMPAIR_STRLEN])
{
	static const struct unit units[] = {
		{ "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 }
	};

	return with_unit(ns, units, buf);
}

const char *topo_size_str(uint64_t bytes, char buf[IMPAIR_STRLEN])
{
	static const struct unit units[] = {
		{ "G", 1U << 30 }, { "M", 1U << 20 }, { "K", 1U << 10 }, { "B", 1 }
	};

	return with_unit(bytes, units, buf);
}

/* ---- parameters ---- */

static int read_rate(const char *s, struct topo_impair *i, uint64_t *ret, struct err *e)
{
	int r;

	if (!strcmp(s, "0")) { /* none */
		*ret = 0;
		return 0;
	}
	r = parse_rate(s, ret, e);
	if (r == 0 && *ret < 8)
		return err_set(e, ERANGE, "a rate is at least 8bit");
	return r;
}

static int read_time(const char *s, struct topo_impair *i, uint64_t *ret, struct err *e)
{
	int r = parse_duration(s, ret, e);

	if (r == 0 && *ret > NS_PER_HOUR)
		return err_set(e, ERANGE, "%s is more than an hour", s);
	return r;
}

static int read_share(const char *s, struct topo_impair *i, uint64_t *ret, struct err *e)
{
	uint32_t share;
	int r = topo_parse_share(s, &share, e);

	if (r == 0)
		*ret = share;
	return r;
}

/* "100p", "64K", "50ms"; a size needs its unit here. */
static int read_queue(const char *s, struct topo_impair *i, uint64_t *ret, struct err *e)
{
	const char *p = s;
	uint32_t packets;
	size_t digits = strspn(s, "0123456789.");

	if (!strcmp(s, "0")) { /* as follows from rate and delay */
		*ret = 0;
		return 0;
	}
	if (cur_u32(&p, 1, UINT32_MAX, &packets) && !strcasecmp(p, "p")) {
		i->queue_unit = TOPO_QUEUE_PACKETS;
		*ret = packets;
		return 0;
	}
	if (s[digits] && parse_size(s, ret, NULL) == 0 && *ret <= UINT32_MAX) {
		i->queue_unit = TOPO_QUEUE_BYTES;
		return 0;
	}
	if (parse_duration(s, ret, NULL) == 0 && *ret <= NS_PER_HOUR) {
		i->queue_unit = TOPO_QUEUE_NS;
		return 0;
	}
	return err_set(e, EINVAL,
		       "\"%.80s\" is not a queue: packets (100p), bytes (64K) or a time (50ms)", s);
}

static const struct {
	const char *name;
	int (*read)(const char *s, struct topo_impair *i, uint64_t *ret, struct err *e);
	const char *(*write)(uint64_t v, char *buf);
} params[TOPO_PARAMS] = {
	[TOPO_RATE] = { "rate", read_rate, topo_rate_str },
	[TOPO_DELAY] = { "delay", read_time, topo_time_str },
	[TOPO_JITTER] = { "jitter", read_time, topo_time_str },
	[TOPO_LOSS] = { "loss", read_share, topo_share_str },
	[TOPO_DUP] = { "dup", read_share, topo_share_str },
	[TOPO_REORDER] = { "reorder", read_share, topo_share_str },
	[TOPO_CORRUPT] = { "corrupt", read_share, topo_share_str },
	[TOPO_QUEUE] = { "queue", read_queue, NULL },
};

const char *impair_name(enum topo_param p)
{
	return (unsigned)p < TOPO_PARAMS ? params[p].name : NULL;
}

const char *impair_value(const struct topo_impair *i, enum topo_param p, char buf[IMPAIR_STRLEN])
{
	if (p != TOPO_QUEUE)
		return params[p].write(i->v[p], buf);
	if (!i->v[p])
		snprintf(buf, IMPAIR_STRLEN, "0");
	else if (i->queue_unit == TOPO_QUEUE_PACKETS)
		snprintf(buf, IMPAIR_STRLEN, "%" PRIu64 "p", i->v[p]);
	else if (i->queue_unit == TOPO_QUEUE_BYTES)
		topo_size_str(i->v[p], buf);
	else
		topo_time_str(i->v[p], buf);
	return buf;
}

int impair_set(struct topo_impair dirs[TOPO_DIRS], const char *key, const char *value,
	       struct err *e)
{
	size_t len = strcspn(key, ".");
	unsigned p = 0;
	uint64_t v;
	int r;

	while (p < TOPO_PARAMS && (strncmp(params[p].name, key, len) || params[p].name[len]))
		p++;
	if (p == TOPO_PARAMS || (key[len] && strcmp(key + len, ".ab") && strcmp(key + len, ".ba")))
		return -ENOENT;
	for (unsigned d = 0; d < TOPO_DIRS; d++) {
		if (key[len] && !strcmp(key + len, d == TOPO_AB ? ".ba" : ".ab"))
			continue;
		r = params[p].read(value, &dirs[d], &v, e);
		if (r < 0)
			return r;
		dirs[d].v[p] = v;
		dirs[d].has |= 1U << p;
	}
	return 0;
}

void impair_lay(struct topo_impair *under, const struct topo_impair *over)
{
	for (unsigned p = 0; p < TOPO_PARAMS; p++)
		if (over->has & 1U << p)
			under->v[p] = over->v[p];
	if (over->has & 1U << TOPO_QUEUE)
		under->queue_unit = over->queue_unit;
	if (over->has & 1U << TOPO_DELAY && !over->v[TOPO_DELAY]) {
		under->v[TOPO_JITTER] = over->v[TOPO_JITTER];
		under->v[TOPO_REORDER] = over->v[TOPO_REORDER];
	}
	under->has |= over->has;
	if (over->has)
		under->at = over->at;
}

/* tc-netem(8): what varies or overtakes needs a delay to do it in. */
int impair_check(const struct topo_impair *i, struct err *e)
{
	if (i->v[TOPO_JITTER] && !i->v[TOPO_DELAY]) {
		err_hint(e, "give a delay, which varies by the jitter");
		return err_set(e, EINVAL, "jitter without a delay");
	}
	if (i->v[TOPO_JITTER] > i->v[TOPO_DELAY]) {
		err_set(e, EINVAL, "the jitter is larger than the delay");
		err_hint(e, "packets would have to arrive before they are sent");
		return -EINVAL;
	}
	if (i->v[TOPO_REORDER] && !i->v[TOPO_DELAY]) {
		err_hint(e, "give a delay, which some packets pass over");
		return err_set(e, EINVAL, "reorder without a delay");
	}
	return 0;
}

bool impair_any(const struct topo_impair *i)
{
	for (unsigned p = 0; p < TOPO_PARAMS; p++)
		if (i->v[p])
			return true;
	return false;
}

bool impair_same(const struct topo_impair *a, const struct topo_impair *b)
{
	return a->has == b->has && !memcmp(a->v, b->v, sizeof(a->v)) &&
	       (!a->v[TOPO_QUEUE] || a->queue_unit == b->queue_unit);
}

void impair_write(FILE *f, const struct topo_impair *i)
{
	const char *blank = "";
	char buf[IMPAIR_STRLEN];

	for (unsigned p = 0; p < TOPO_PARAMS; p++) {
		if (!i->v[p])
			continue;
		fprintf(f, "%s%s %s", blank, params[p].name, impair_value(i, p, buf));
		blank = " ";
	}
}
