/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What libnftnl and net/ call of libmnl, for a program that is linked statically on
 * a system that has that library only as a shared object, as Debian 12 (docs/DESIGN.md,
 * "Building"). Declared by libmnl/libmnl.h, which says what each of them promises; the
 * format is that of linux/netlink.h (RFC 3549). tests/unit/net_mnl.c holds them
 * against the library itself.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

/* ---- messages ---- */

struct nlmsghdr *mnl_nlmsg_put_header(void *buf)
{
	struct nlmsghdr *h = buf;

	*h = (struct nlmsghdr){ .nlmsg_len = MNL_NLMSG_HDRLEN };
	return h;
}

/* Room at the end, all zeroes, up to the next multiple of four. */
static void *grow(struct nlmsghdr *h, size_t len)
{
	void *at = mnl_nlmsg_get_payload_tail(h);

	memset(at, 0, MNL_ALIGN(len));
	h->nlmsg_len += (uint32_t)MNL_ALIGN(len);
	return at;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *h, size_t len)
{
	return grow(h, len);
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *h)
{
	return (char *)h + MNL_NLMSG_HDRLEN;
}

void *mnl_nlmsg_get_payload_offset(const struct nlmsghdr *h, size_t offset)
{
	return (char *)h + MNL_NLMSG_HDRLEN + MNL_ALIGN(offset);
}

void *mnl_nlmsg_get_payload_tail(const struct nlmsghdr *h)
{
	return (char *)h + MNL_ALIGN(h->nlmsg_len);
}

/* ---- attributes: reading ---- */

uint16_t mnl_attr_get_type(const struct nlattr *a)
{
	return a->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *a)
{
	return (uint16_t)(a->nla_len - MNL_ATTR_HDRLEN);
}

void *mnl_attr_get_payload(const struct nlattr *a)
{
	return (char *)a + MNL_ATTR_HDRLEN;
}

uint8_t mnl_attr_get_u8(const struct nlattr *a)
{
	return *(uint8_t *)mnl_attr_get_payload(a);
}

uint16_t mnl_attr_get_u16(const struct nlattr *a)
{
	return *(uint16_t *)mnl_attr_get_payload(a);
}

uint32_t mnl_attr_get_u32(const struct nlattr *a)
{
	return *(uint32_t *)mnl_attr_get_payload(a);
}

/* on a boundary of four only */
uint64_t mnl_attr_get_u64(const struct nlattr *a)
{
	uint64_t v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

const char *mnl_attr_get_str(const struct nlattr *a)
{
	return mnl_attr_get_payload(a);
}

bool mnl_attr_ok(const struct nlattr *a, int len)
{
	return len >= (int)MNL_ATTR_HDRLEN && a->nla_len >= MNL_ATTR_HDRLEN && a->nla_len <= len;
}

struct nlattr *mnl_attr_next(const struct nlattr *a)
{
	return (struct nlattr *)((char *)a + MNL_ALIGN(a->nla_len));
}

int mnl_attr_type_valid(const struct nlattr *a, uint16_t max)
{
	if (mnl_attr_get_type(a) <= max)
		return 1;
	errno = EOPNOTSUPP;
	return -1;
}

static int parse(const struct nlattr *a, const char *end, mnl_attr_cb_t cb, void *data)
{
	int r = MNL_CB_OK;

	for (; r > MNL_CB_STOP && mnl_attr_ok(a, (int)(end - (char *)a)); a = mnl_attr_next(a))
		r = cb(a, data);
	return r;
}

int mnl_attr_parse(const struct nlmsghdr *h, unsigned int offset, mnl_attr_cb_t cb, void *data)
{
	return parse(mnl_nlmsg_get_payload_offset(h, offset), mnl_nlmsg_get_payload_tail(h), cb,
		     data);
}

int mnl_attr_parse_nested(const struct nlattr *nest, mnl_attr_cb_t cb, void *data)
{
	const char *at = mnl_attr_get_payload(nest);

	return parse((const struct nlattr *)at, at + mnl_attr_get_payload_len(nest), cb, data);
}

/* The lengths of types that have one. */
static const uint8_t exact[MNL_TYPE_MAX] = {
	[MNL_TYPE_U8] = 1,  [MNL_TYPE_U16] = 2,	  [MNL_TYPE_U32] = 4,
	[MNL_TYPE_U64] = 8, [MNL_TYPE_MSECS] = 8,
};

static int fits(const struct nlattr *a, enum mnl_attr_data_type type)
{
	const size_t len = mnl_attr_get_payload_len(a);
	const char *s = mnl_attr_get_payload(a);

	switch (type) {
	case MNL_TYPE_FLAG:
		return len ? ERANGE : 0;
	case MNL_TYPE_NUL_STRING:
		return !len ? ERANGE : s[len - 1] ? EINVAL : 0;
	case MNL_TYPE_STRING:
		return len ? 0 : ERANGE;
	case MNL_TYPE_NESTED:
		return len && len < MNL_ATTR_HDRLEN ? ERANGE : 0;
	default:
		return exact[type] && len != exact[type] ? ERANGE : 0;
	}
}

int mnl_attr_validate(const struct nlattr *a, enum mnl_attr_data_type type)
{
	int num = type < MNL_TYPE_MAX ? fits(a, type) : EINVAL;

	if (!num)
		return 0;
	errno = num;
	return -1;
}

/* ---- attributes: writing ---- */

void mnl_attr_put(struct nlmsghdr *h, uint16_t type, size_t len, const void *data)
{
	struct nlattr *a = grow(h, MNL_ATTR_HDRLEN + len);

	a->nla_type = type;
	a->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + len);
	if (len)
		memcpy(mnl_attr_get_payload(a), data, len);
}

void mnl_attr_put_u8(struct nlmsghdr *h, uint16_t type, uint8_t v)
{
	mnl_attr_put(h, type, sizeof(v), &v);
}

void mnl_attr_put_u16(struct nlmsghdr *h, uint16_t type, uint16_t v)
{
	mnl_attr_put(h, type, sizeof(v), &v);
}

void mnl_attr_put_u32(struct nlmsghdr *h, uint16_t type, uint32_t v)
{
	mnl_attr_put(h, type, sizeof(v), &v);
}

void mnl_attr_put_u64(struct nlmsghdr *h, uint16_t type, uint64_t v)
{
	mnl_attr_put(h, type, sizeof(v), &v);
}

void mnl_attr_put_str(struct nlmsghdr *h, uint16_t type, const char *s)
{
	mnl_attr_put(h, type, strlen(s), s);
}

void mnl_attr_put_strz(struct nlmsghdr *h, uint16_t type, const char *s)
{
	mnl_attr_put(h, type, strlen(s) + 1, s);
}

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *h, uint16_t type)
{
	struct nlattr *a = mnl_nlmsg_get_payload_tail(h);

	a->nla_type = NLA_F_NESTED | type;
	h->nlmsg_len += MNL_ATTR_HDRLEN;
	return a;
}

void mnl_attr_nest_end(struct nlmsghdr *h, struct nlattr *a)
{
	a->nla_len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(h) - (char *)a);
}

/* ---- batches ---- */

struct mnl_nlmsg_batch {
	char *buf;
	size_t limit; /* the buffer is longer: the last message may go beyond it */
	size_t len;
};

struct mnl_nlmsg_batch *mnl_nlmsg_batch_start(void *buf, size_t limit)
{
	struct mnl_nlmsg_batch *b = calloc(1, sizeof(*b));

	if (b)
		*b = (struct mnl_nlmsg_batch){ buf, limit, 0 };
	return b;
}

void mnl_nlmsg_batch_stop(struct mnl_nlmsg_batch *b)
{
	free(b);
}

void *mnl_nlmsg_batch_current(struct mnl_nlmsg_batch *b)
{
	return b->buf + b->len;
}

bool mnl_nlmsg_batch_next(struct mnl_nlmsg_batch *b)
{
	const struct nlmsghdr *h = mnl_nlmsg_batch_current(b);

	if (b->len + h->nlmsg_len > b->limit)
		return false;
	b->len += h->nlmsg_len;
	return true;
}

size_t mnl_nlmsg_batch_size(struct mnl_nlmsg_batch *b)
{
	return b->len;
}

void *mnl_nlmsg_batch_head(struct mnl_nlmsg_batch *b)
{
	return b->buf;
}

/* ---- sockets ---- */

/*
 * libnftnl talks to the kernel in one place only, nftnl_batch_is_supported(), which
 * nobody here calls. It would learn that there is no netlink, from the first of these.
 */
struct mnl_socket *mnl_socket_open(int bus)
{
	errno = ENOSYS;
	return NULL;
}

int mnl_socket_bind(struct mnl_socket *nl, unsigned int groups, pid_t pid)
{
	abort();
}

int mnl_socket_close(struct mnl_socket *nl)
{
	abort();
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *nl)
{
	abort();
}

ssize_t mnl_socket_sendto(const struct mnl_socket *nl, const void *req, size_t size)
{
	abort();
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf, size_t size)
{
	abort();
}

int mnl_cb_run(const void *buf, size_t numbytes, unsigned int seq, unsigned int portid,
	       mnl_cb_t cb_data, void *data)
{
	abort();
}
