/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/port_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/fd.h"
#include "core/base/vec.h"
#include "net/note.h"

/* 65536 single ports, each in a line of its own, with room to spare */
#define RECORD_MAX (8UL * 1024 * 1024)

static const struct {
	const char *name;
	uint8_t proto;
} protos[] = { { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP } };

const char *port_proto_name(uint8_t proto)
{
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (protos[i].proto == proto)
			return protos[i].name;
	return "?";
}

void port_record_free(struct port_record *rec)
{
	free(take_ptr(rec->specs));
	rec->n = 0;
}

int port_record_add(struct port_record *rec, const struct port_spec *s)
{
	struct port_spec *added = VEC_ADD(rec->specs, rec->n);

	if (!added)
		return -ENOMEM;
	*added = *s;
	return 0;
}

static const char *ip_word(const struct ip_addr *a, char buf[IP_STRLEN])
{
	return ip_is_set(a) ? ip_str(a, buf) : "-";
}

static const char *word_or_dash(const char *s)
{
	return s[0] ? s : "-";
}

char *port_record_text(const struct port_record *rec)
{
	char v4[IP_STRLEN], v6[IP_STRLEN], *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	bool bad;

	if (!f)
		return NULL;
	fprintf(f, "name %s\nholder %d %" PRIu64 " %" PRIu64 "\nto %s %s\nvia %s %s\n",
		word_or_dash(rec->name), rec->holder.pid, rec->holder.start, proc_namespace(),
		ip_word(&rec->to[PORT_V4], v4), ip_word(&rec->to[PORT_V6], v6),
		word_or_dash(rec->dev), word_or_dash(rec->port));
	for (size_t i = 0; i < rec->n; i++) {
		const struct port_spec *s = &rec->specs[i];

		fprintf(f, "%s %s %u %u %u\n", port_proto_name(s->proto), ip_word(&s->host_ip, v4),
			s->host_port, s->host_end, s->port);
	}
	bad = ferror(f);
	if (fclose(f) == 0 && !bad)
		return text;
	free(text);
	return NULL;
}

/* A word of at most size - 1 bytes without blanks; "-" is the empty one. */
static bool cur_word(const char **p, char *buf, size_t size)
{
	size_t len = strcspn(*p, " \n");

	if (!len || len >= size)
		return false;
	memcpy(buf, *p, len);
	buf[len] = '\0';
	if (!strcmp(buf, "-"))
		buf[0] = '\0';
	*p += len;
	return true;
}

static bool cur_addr(const char **p, uint8_t family, struct ip_addr *ret)
{
	*ret = (struct ip_addr){ 0 };
	if (cur_lit(p, "-"))
		return true;
	return cur_ip(p, " \n", ret) && (!family || ret->family == family);
}

static bool cur_holder(const char **p, struct proc_id *ret)
{
	uint64_t start, pidns;
	uint32_t pid;

	if (!cur_u32(p, 0, INT32_MAX, &pid) || !cur_lit(p, " ") ||
	    !cur_u64(p, 0, UINT64_MAX, &start) || !cur_lit(p, " ") ||
	    !cur_u64(p, 0, UINT64_MAX, &pidns))
		return false;
	/* whether a holder in another pid namespace lives cannot be told from here */
	*ret = (struct proc_id){ .pid = pidns == proc_namespace() ? (pid_t)pid : 0,
				 .start = start };
	return true;
}

static bool cur_head(const char **p, struct port_record *rec)
{
	return cur_lit(p, "name ") && cur_word(p, rec->name, sizeof(rec->name)) &&
	       cur_lit(p, "\nholder ") && cur_holder(p, &rec->holder) && cur_lit(p, "\nto ") &&
	       cur_addr(p, AF_INET, &rec->to[PORT_V4]) && cur_lit(p, " ") &&
	       cur_addr(p, AF_INET6, &rec->to[PORT_V6]) && cur_lit(p, "\nvia ") &&
	       cur_word(p, rec->dev, sizeof(rec->dev)) && cur_lit(p, " ") &&
	       cur_word(p, rec->port, sizeof(rec->port)) && cur_lit(p, "\n");
}

static bool cur_proto(const char **p, uint8_t *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (cur_lit(p, protos[i].name)) {
			*ret = protos[i].proto;
			return true;
		}
	return false;
}

static bool cur_spec(const char **p, struct port_spec *s)
{
	return cur_proto(p, &s->proto) && cur_lit(p, " ") && cur_addr(p, 0, &s->host_ip) &&
	       cur_lit(p, " ") && cur_u16(p, 1, UINT16_MAX, &s->host_port) && cur_lit(p, " ") &&
	       cur_u16(p, s->host_port, UINT16_MAX, &s->host_end) && cur_lit(p, " ") &&
	       cur_u16(p, 1, UINT16_MAX, &s->port) && cur_lit(p, "\n") &&
	       s->host_end - s->host_port <= UINT16_MAX - s->port;
}

/* Fills *rec but for owner and id; on failure it is as it was freed. */
int port_record_parse(const char *text, struct port_record *rec)
{
	bool ok = cur_head(&text, rec);
	int r = 0;

	while (ok && *text && r >= 0) {
		struct port_spec s;

		ok = cur_spec(&text, &s);
		if (ok)
			r = port_record_add(rec, &s);
	}
	if (ok && r >= 0)
		return 0;
	port_record_free(rec);
	return r < 0 ? r : -EINVAL;
}

int port_record_dir(struct net *net, const char *owner, bool create)
{
	return net_dir_of(net, PORT_DIR, owner, create);
}

bool port_record_any(struct net *net, const char *owner)
{
	char path[sizeof(PORT_DIR) + NAME_MAX_CT + 2];

	return str_fmt(path, sizeof(path), PORT_DIR "/%s", owner) >= 0 &&
	       faccessat(net->state_fd, path, F_OK, 0) == 0;
}

/* Under the lock; so the time is new each time, and sorts by age. */
static int new_id(char *buf, size_t size)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return str_fmt(buf, size, "%010jd.%09ld", (intmax_t)t.tv_sec, t.tv_nsec);
}

int port_record_save(struct net *net, struct port_record *rec)
{
	_cleanup_close_ int dir = port_record_dir(net, rec->owner, true);
	_cleanup_free_ char *text = NULL;
	int r = dir < 0 ? dir : 0;

	if (r >= 0 && !rec->id[0])
		r = new_id(rec->id, sizeof(rec->id));
	if (r < 0)
		return r;
	text = port_record_text(rec);
	return text ? file_replace_at(dir, rec->id, text, strlen(text), 0600, false) : -ENOMEM;
}

int port_record_load(struct net *net, const char *owner, const char *id, struct port_record *ret)
{
	_cleanup_close_ int dir = port_record_dir(net, owner, false);
	_cleanup_free_ char *text = NULL;
	struct port_record rec = { .n = 0 };
	int r = dir < 0 ? dir : file_read_at(dir, id, RECORD_MAX, &text, NULL);

	if (r >= 0)
		r = str_fmt(rec.owner, sizeof(rec.owner), "%s", owner);
	if (r >= 0)
		r = str_fmt(rec.id, sizeof(rec.id), "%s", id);
	if (r >= 0)
		r = port_record_parse(text, &rec);
	if (r >= 0)
		*ret = rec;
	return r < 0 ? r : 0;
}

/* Sorted behind the others. */
#define LEAVING 'x'

bool port_record_leaving(const struct port_record *rec)
{
	return rec->id[0] == LEAVING;
}

int port_record_leave(struct net *net, struct port_record *rec)
{
	_cleanup_close_ int dir = port_record_dir(net, rec->owner, false);
	char id[sizeof(rec->id)];
	int r = dir < 0 ? dir : str_fmt(id, sizeof(id), "%c%s", LEAVING, rec->id);

	if (r < 0)
		return r;
	if (renameat(dir, rec->id, dir, id) < 0)
		return -errno;
	memcpy(rec->id, id, sizeof(id));
	return 0;
}

int port_record_part(struct net *net, struct port_record *rec)
{
	int r;

	rec->id[0] = LEAVING;
	r = new_id(rec->id + 1, sizeof(rec->id) - 1);
	return r < 0 ? r : port_record_save(net, rec);
}

int port_record_drop(struct net *net, const struct port_record *rec)
{
	_cleanup_close_ int dir = port_record_dir(net, rec->owner, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return unlinkat(dir, rec->id, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int port_record_forget(struct net *net, const char *owner)
{
	_cleanup_close_ int dir = net_dir(net, PORT_DIR, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return dir_remove_at(dir, owner);
}

int port_record_owners(struct net *net, struct strv *ret)
{
	_cleanup_close_ int dir = net_dir(net, PORT_DIR, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return dir_names(dir, ret);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One that cannot be read counts for nothing; without the lock it may be gone. */
static int list_owner(struct net *net, const char *owner, port_record_fn *fn, void *ctx)
{
	_cleanup_close_ int dir = port_record_dir(net, owner, false);
	_cleanup_(strv_free) struct strv ids = { 0 };
	int r = dir < 0 ? dir : dir_names(dir, &ids);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (ids.n > 1)
		qsort(ids.v, ids.n, sizeof(*ids.v), by_name);
	for (size_t i = 0; i < ids.n && r >= 0; i++) {
		_cleanup_port_record_ struct port_record rec = { .n = 0 };

		if (port_record_load(net, owner, ids.v[i], &rec) >= 0)
			r = fn(&rec, ctx);
	}
	return r;
}

int port_record_list(struct net *net, const char *owner, port_record_fn *fn, void *ctx)
{
	_cleanup_(strv_free) struct strv owners = { 0 };
	int r = owner ? strv_add(&owners, owner) : port_record_owners(net, &owners);

	for (size_t i = 0; i < owners.n && r >= 0; i++)
		r = list_owner(net, owners.v[i], fn, ctx);
	return r < 0 ? r : 0;
}
