/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iptables-legacy: a table is one block of entries, each a fixed part
 * (interfaces, protocol, addresses), matches and a target. A verdict below
 * zero is final (-verdict - 1), others are the offset of the entry that a jump
 * goes to; a chain of the user's begins behind an entry whose target is ERROR
 * and carries its name. As net/ipv4/netfilter/ip_tables.c walks it.
 */
#include "net/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#define JUMPS_MAX 16
#define STEPS_MAX 100000
#define TABLE_MAX (64u << 20)

/* Both families ask with one structure and the same numbers, each on its own level. */
_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "one layout");
_Static_assert(IPT_SO_GET_INFO == IP6T_SO_GET_INFO && IPT_SO_GET_ENTRIES == IP6T_SO_GET_ENTRIES,
	       "one number");
_Static_assert(offsetof(struct ipt_get_entries, entrytable) ==
		       offsetof(struct ip6t_get_entries, entrytable),
	       "one layout");
_Static_assert(IPT_INV_VIA_IN == IP6T_INV_VIA_IN && IPT_INV_VIA_OUT == IP6T_INV_VIA_OUT,
	       "one number");

/* What an entry of either family asks of a packet. */
struct entry {
	const char *in, *out;
	const uint8_t *in_mask, *out_mask;
	uint8_t invflags;
	uint16_t proto;
	bool other; /* it has conditions of which we know nothing */
	bool jump_is_goto;
	size_t head, target, next; /* lengths from its start */
};

static bool any_set(const void *mem, size_t n)
{
	const uint8_t *b = mem;

	for (size_t i = 0; i < n; i++)
		if (b[i])
			return true;
	return false;
}

static void read4(const struct ipt_entry *e, struct entry *ret)
{
	*ret = (struct entry){
		.in = e->ip.iniface,
		.out = e->ip.outiface,
		.in_mask = e->ip.iniface_mask,
		.out_mask = e->ip.outiface_mask,
		.invflags = e->ip.invflags,
		.proto = e->ip.proto,
		.other = any_set(&e->ip.smsk, sizeof(e->ip.smsk)) ||
			 any_set(&e->ip.dmsk, sizeof(e->ip.dmsk)) || e->ip.flags & IPT_F_FRAG,
		.jump_is_goto = e->ip.flags & IPT_F_GOTO,
		.head = sizeof(*e),
		.target = e->target_offset,
		.next = e->next_offset,
	};
}

static void read6(const struct ip6t_entry *e, struct entry *ret)
{
	*ret = (struct entry){
		.in = e->ipv6.iniface,
		.out = e->ipv6.outiface,
		.in_mask = e->ipv6.iniface_mask,
		.out_mask = e->ipv6.outiface_mask,
		.invflags = e->ipv6.invflags,
		.proto = e->ipv6.proto,
		.other = any_set(&e->ipv6.smsk, sizeof(e->ipv6.smsk)) ||
			 any_set(&e->ipv6.dmsk, sizeof(e->ipv6.dmsk)) || e->ipv6.flags & IP6T_F_TOS,
		.jump_is_goto = e->ipv6.flags & IP6T_F_GOTO,
		.head = sizeof(*e),
		.target = e->target_offset,
		.next = e->next_offset,
	};
}

/* XT_ALIGN: entries and all their parts lie at multiples of it. */
static bool aligned(size_t offset)
{
	return offset % __alignof__(struct _xt_align) == 0;
}

/* The entry at an offset, with all its parts inside the table. */
static int entry_at(const struct foreign_xt *t, size_t at, struct entry *ret)
{
	size_t head =
		t->family == NFPROTO_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);

	if (!aligned(at) || at > t->size || t->size - at < head)
		return -EINVAL;
	if (t->family == NFPROTO_IPV4)
		read4((const struct ipt_entry *)(const void *)(t->entries + at), ret);
	else
		read6((const struct ip6t_entry *)(const void *)(t->entries + at), ret);
	if (!aligned(ret->target) || !aligned(ret->next) || ret->target < head ||
	    ret->next < ret->target + sizeof(struct xt_entry_target) || ret->next > t->size - at)
		return -EINVAL;
	return 0;
}

static enum foreign_match name_match(const char *want, const uint8_t *mask, const char *name)
{
	char padded[IFNAMSIZ] = "";

	if (!any_set(mask, IFNAMSIZ))
		return FOREIGN_YES;
	if (!name[0])
		return FOREIGN_UNKNOWN;
	memcpy(padded, name, strnlen(name, sizeof(padded) - 1));
	for (size_t i = 0; i < IFNAMSIZ; i++)
		if ((padded[i] ^ want[i]) & mask[i])
			return FOREIGN_NO;
	return FOREIGN_YES;
}

static enum foreign_match invert(enum foreign_match m, bool inverted)
{
	if (m == FOREIGN_UNKNOWN || !inverted)
		return m;
	return m == FOREIGN_YES ? FOREIGN_NO : FOREIGN_YES;
}

/* One "no" decides, whatever else is not known. */
static enum foreign_match both(enum foreign_match a, enum foreign_match b)
{
	if (a == FOREIGN_NO || b == FOREIGN_NO)
		return FOREIGN_NO;
	return a == FOREIGN_YES ? b : FOREIGN_UNKNOWN;
}

static enum foreign_match proto_match(const struct entry *en, const struct foreign_packet *p)
{
	if (!en->proto)
		return FOREIGN_YES;
	if (!p->proto)
		return FOREIGN_UNKNOWN;
	return invert(en->proto == p->proto ? FOREIGN_YES : FOREIGN_NO,
		      en->invflags & XT_INV_PROTO);
}

static enum foreign_match matches_match(const struct foreign_xt *t, size_t at,
					const struct entry *en, const struct foreign_packet *p)
{
	enum foreign_match m = FOREIGN_YES;
	size_t off = en->head;

	while (off + sizeof(struct xt_entry_match) <= en->target) {
		const struct xt_entry_match *x = (const void *)(t->entries + at + off);
		size_t size = x->u.match_size;
		char name[XT_EXTENSION_MAXNAMELEN + 1] = "";

		if (size < sizeof(*x) || size > en->target - off || !aligned(size))
			return FOREIGN_UNKNOWN;
		memcpy(name, x->u.user.name, strnlen(x->u.user.name, XT_EXTENSION_MAXNAMELEN));
		m = both(m, foreign_xt_match(name, x->data, size - sizeof(*x), p));
		off += size;
	}
	return m;
}

static enum foreign_match entry_match(const struct foreign_xt *t, size_t at, const struct entry *en,
				      const struct foreign_packet *p)
{
	enum foreign_match m = en->other ? FOREIGN_UNKNOWN : FOREIGN_YES;

	m = both(m, invert(name_match(en->in, en->in_mask, p->in), en->invflags & IPT_INV_VIA_IN));
	m = both(m,
		 invert(name_match(en->out, en->out_mask, p->out), en->invflags & IPT_INV_VIA_OUT));
	m = both(m, proto_match(en, p));
	return both(m, matches_match(t, at, en, p));
}

/* The name of the target in buf; the verdict of a standard one, whose name is empty. */
static int target_at(const struct foreign_xt *t, size_t at, const struct entry *en,
		     char name[XT_EXTENSION_MAXNAMELEN + 1], int *ret_verdict)
{
	const struct xt_standard_target *x = (const void *)(t->entries + at + en->target);

	memset(name, 0, XT_EXTENSION_MAXNAMELEN + 1);
	memcpy(name, x->target.u.user.name,
	       strnlen(x->target.u.user.name, XT_EXTENSION_MAXNAMELEN));
	*ret_verdict = 0;
	if (strcmp(name, XT_STANDARD_TARGET) != 0)
		return 0;
	if (en->next - en->target < sizeof(*x))
		return -EINVAL;
	*ret_verdict = x->verdict;
	return 0;
}

struct walk {
	size_t at;
	size_t back[JUMPS_MAX];
	unsigned depth;
	size_t policy; /* where a return from the base chain leads */
};

/* A rule that matches: 0 to go on at w->at, or the verdict + 1. */
static int take(const struct foreign_xt *t, struct walk *w, const struct entry *en)
{
	char name[XT_EXTENSION_MAXNAMELEN + 1];
	size_t next = w->at + en->next;
	int verdict, r = target_at(t, w->at, en, name, &verdict);

	if (r < 0)
		return r;
	w->at = next;
	if (name[0])
		return foreign_xt_target(name) == NF_DROP ? NF_DROP + 1 : 0;
	if (verdict == XT_RETURN) {
		w->at = w->depth ? w->back[--w->depth] : w->policy;
		return 0;
	}
	/* NF_QUEUE too: a program lets it pass */
	if (verdict < 0)
		return (-verdict - 1 == NF_DROP ? NF_DROP : NF_ACCEPT) + 1;
	if ((size_t)verdict != next && !en->jump_is_goto) {
		if (w->depth == JUMPS_MAX)
			return -EINVAL;
		w->back[w->depth++] = next;
	}
	w->at = (size_t)verdict;
	return 0;
}

int foreign_xt_verdict(const struct foreign_xt *t, const struct foreign_packet *p)
{
	struct walk w = { .at = t->hook_entry[p->hook], .policy = t->underflow[p->hook] };

	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		struct entry en;
		int r = entry_at(t, w.at, &en);

		if (r < 0)
			return r;
		if (entry_match(t, w.at, &en, p) == FOREIGN_YES)
			r = take(t, &w, &en);
		else
			w.at += en.next;
		if (r)
			return r < 0 ? r : r - 1;
	}
	return -EINVAL;
}

bool foreign_xt_has(const struct foreign_xt *t, const char *chain)
{
	struct entry en;

	for (size_t at = 0; entry_at(t, at, &en) >= 0; at += en.next) {
		const struct xt_error_target *x = (const void *)(t->entries + at + en.target);

		if (en.next - en.target >= sizeof(*x) &&
		    !strncmp(x->target.u.user.name, XT_ERROR_TARGET, XT_EXTENSION_MAXNAMELEN) &&
		    !strncmp(x->errorname, chain, XT_FUNCTION_MAXNAMELEN))
			return true;
	}
	return false;
}

/* iptables-legacy -t TABLE -S: the kernel's own form of it. */
static int read_table(int fd, int level, struct foreign_xt *t)
{
	_cleanup_free_ struct ipt_get_entries *all = NULL;
	struct ipt_getinfo info = { .name = "" };
	socklen_t len = sizeof(info);

	memcpy(info.name, t->table, sizeof(info.name));
	if (getsockopt(fd, level, IPT_SO_GET_INFO, &info, &len) < 0)
		return -errno;
	if (info.size > TABLE_MAX)
		return -EFBIG;
	len = (socklen_t)(sizeof(*all) + info.size);
	all = calloc(1, len);
	t->entries = malloc(info.size ? info.size : 1);
	if (!all || !t->entries)
		return -ENOMEM;
	memcpy(all->name, t->table, sizeof(all->name));
	all->size = info.size;
	/* EAGAIN: the table was replaced between the two */
	if (getsockopt(fd, level, IPT_SO_GET_ENTRIES, all, &len) < 0)
		return -errno;
	memcpy(t->entries, all->entrytable, info.size);
	t->size = info.size;
	t->valid_hooks = info.valid_hooks;
	memcpy(t->hook_entry, info.hook_entry, sizeof(t->hook_entry));
	memcpy(t->underflow, info.underflow, sizeof(t->underflow));
	return 0;
}

static int add_table(int fd, uint8_t family, const char *name, struct foreign_xt **v, size_t *n)
{
	int level = family == NFPROTO_IPV4 ? SOL_IP : SOL_IPV6, r = -EAGAIN;
	struct foreign_xt t = { .family = family }, *added = NULL;

	if (str_fmt(t.table, sizeof(t.table), "%s", name) < 0)
		return -EINVAL;
	for (int tries = 0; tries < 10 && r == -EAGAIN; tries++) {
		free(take_ptr(t.entries));
		r = read_table(fd, level, &t);
	}
	if (r >= 0)
		added = VEC_ADD(*v, *n);
	if (!added) {
		free(t.entries);
		return r < 0 ? r : -ENOMEM;
	}
	*added = t;
	return 0;
}

int foreign_xt_read(uint8_t family, struct foreign_xt **v, size_t *n, struct err *e)
{
	bool v4 = family == NFPROTO_IPV4;
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	struct strv names = { 0 };
	int r;

	/* the names of the tables in use; no such file: the kernel has none of it */
	r = file_read_at(AT_FDCWD, v4 ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names",
			 4096, &text, NULL);
	if (r < 0 || !text[0])
		return 0;
	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r = fd < 0 ? -errno : strv_split(&names, text, "\n");
	for (size_t i = 0; i < names.n && r >= 0; i++)
		r = add_table(fd, family, names.v[i], v, n);
	strv_free(&names);
	return r < 0 ? err_sys(e, r, "read the tables of %s", v4 ? "iptables" : "ip6tables") : 0;
}
