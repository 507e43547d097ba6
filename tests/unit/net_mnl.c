/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net/static/mnl.c against the library it stands for, which is loaded beside it: the
 * same calls on the same bytes give the same bytes, values and errors. What is done,
 * and to what, comes from a seed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#define FUNCTIONS(X)                    \
	X(mnl_nlmsg_put_header)         \
	X(mnl_nlmsg_put_extra_header)   \
	X(mnl_nlmsg_get_payload)        \
	X(mnl_nlmsg_get_payload_offset) \
	X(mnl_nlmsg_get_payload_tail)   \
	X(mnl_attr_get_type)            \
	X(mnl_attr_get_payload_len)     \
	X(mnl_attr_get_payload)         \
	X(mnl_attr_get_u8)              \
	X(mnl_attr_get_u16)             \
	X(mnl_attr_get_u32)             \
	X(mnl_attr_get_u64)             \
	X(mnl_attr_get_str)             \
	X(mnl_attr_ok)                  \
	X(mnl_attr_next)                \
	X(mnl_attr_type_valid)          \
	X(mnl_attr_validate)            \
	X(mnl_attr_parse)               \
	X(mnl_attr_parse_nested)        \
	X(mnl_attr_put)                 \
	X(mnl_attr_put_u8)              \
	X(mnl_attr_put_u16)             \
	X(mnl_attr_put_u32)             \
	X(mnl_attr_put_u64)             \
	X(mnl_attr_put_str)             \
	X(mnl_attr_put_strz)            \
	X(mnl_attr_nest_start)          \
	X(mnl_attr_nest_end)            \
	X(mnl_nlmsg_batch_start)        \
	X(mnl_nlmsg_batch_stop)         \
	X(mnl_nlmsg_batch_next)         \
	X(mnl_nlmsg_batch_size)         \
	X(mnl_nlmsg_batch_head)         \
	X(mnl_nlmsg_batch_current)

struct mnl {
#define X(name) __typeof__(name) *name;
	FUNCTIONS(X)
#undef X
};

#define ROUNDS 3000

static const struct mnl ours = {
#define X(name) .name = name,
	FUNCTIONS(X)
#undef X
};
static struct mnl theirs;

/* ---- chance ---- */

static uint64_t seed;

/* xorshift64 */
static uint32_t below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % n;
}

static void random_bytes(void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = (uint8_t)below(256);
}

/* ---- writing ---- */

#define MESSAGE 8192
#define DEPTH	4

/* A message that is written, and the nests that are open in it. */
struct writing {
	const struct mnl *f;
	union {
		struct nlmsghdr h;
		char bytes[MESSAGE];
	} buf;
	struct nlattr *nest[DEPTH];
	size_t n_nests;
};

static void open_nest(struct writing *w, uint16_t type)
{
	if (w->n_nests < DEPTH)
		w->nest[w->n_nests++] = w->f->mnl_attr_nest_start(&w->buf.h, type);
}

static void close_nest(struct writing *w)
{
	if (w->n_nests)
		w->f->mnl_attr_nest_end(&w->buf.h, w->nest[--w->n_nests]);
}

static void write_one(struct writing *w, uint32_t what, uint16_t type, const char *data, size_t len)
{
	struct nlmsghdr *h = &w->buf.h;
	uint64_t v;

	memcpy(&v, data, sizeof(v));
	switch (what) {
	case 0:
		w->f->mnl_attr_put_u8(h, type, (uint8_t)v);
		break;
	case 1:
		w->f->mnl_attr_put_u16(h, type, (uint16_t)v);
		break;
	case 2:
		w->f->mnl_attr_put_u32(h, type, (uint32_t)v);
		break;
	case 3:
		w->f->mnl_attr_put_u64(h, type, v);
		break;
	case 4:
		w->f->mnl_attr_put_str(h, type, data);
		break;
	case 5:
		w->f->mnl_attr_put_strz(h, type, data);
		break;
	case 6:
		w->f->mnl_attr_put(h, type, len, data);
		break;
	case 7:
		open_nest(w, type);
		break;
	default:
		close_nest(w);
	}
}

static void begin(struct writing *w, const struct mnl *f, size_t extra)
{
	w->f = f;
	w->n_nests = 0;
	memset(&w->buf, 0, sizeof(w->buf));
	assert_ptr_equal(f->mnl_nlmsg_put_header(&w->buf), &w->buf);
	assert_ptr_equal(f->mnl_nlmsg_put_extra_header(&w->buf.h, extra),
			 f->mnl_nlmsg_get_payload(&w->buf.h));
}

/* What lies behind the message too. The buffer is clean: libmnl 1.0.4 leaves gaps as they are. */
static void test_writes(void **state)
{
	static struct writing a, b;
	char data[64];

	for (int round = 0; round < ROUNDS; round++) {
		size_t extra = below(20);

		begin(&a, &ours, extra);
		begin(&b, &theirs, extra);
		for (uint32_t n = below(40); n; n--) {
			uint32_t what = below(9), len = below(sizeof(data) - 1);
			uint16_t type = (uint16_t)below(0x4000);

			random_bytes(data, sizeof(data));
			data[len] = '\0';
			write_one(&a, what, type, data, len);
			write_one(&b, what, type, data, len);
		}
		while (a.n_nests)
			close_nest(&a);
		while (b.n_nests)
			close_nest(&b);
		assert_int_equal(a.buf.h.nlmsg_len, b.buf.h.nlmsg_len);
		assert_memory_equal(&a.buf, &b.buf, sizeof(a.buf));
	}
}

/* Nothing of the buffer's former use goes to the kernel. */
static void test_gaps(void **state)
{
	static union {
		struct nlmsghdr h;
		char bytes[64];
	} buf;

	memset(&buf, 0xa5, sizeof(buf));
	mnl_nlmsg_put_header(&buf);
	mnl_nlmsg_put_extra_header(&buf.h, 1);
	mnl_attr_put_u8(&buf.h, 7, 9);
	assert_int_equal(buf.h.nlmsg_len, 28);
	assert_memory_equal(buf.bytes + 16, "\0\0\0\0\x05\0\x07\0\x09\0\0\0\xa5", 13);
}

/* ---- reading ---- */

#define ATTRIBUTES 256

/* Attributes one behind the other, often good ones; the last may be cut short. */
union stream {
	struct nlattr a;
	struct nlmsghdr h;
	char bytes[ATTRIBUTES + 16];
};

static void random_stream(union stream *s)
{
	size_t at = 0;

	random_bytes(s, sizeof(*s));
	while (at + sizeof(struct nlattr) < ATTRIBUTES) {
		uint16_t len = (uint16_t)(below(8) ? below(24) : below(ATTRIBUTES));

		memcpy(s->bytes + at, &len, sizeof(len));
		at += MNL_ALIGN(len ? len : 4);
	}
}

static void test_values(void **state)
{
	static union stream s;

	for (int round = 0; round < ROUNDS; round++) {
		const struct nlattr *a = &s.a;

		random_stream(&s);
		assert_int_equal(mnl_attr_get_type(a), theirs.mnl_attr_get_type(a));
		assert_int_equal(mnl_attr_get_payload_len(a), theirs.mnl_attr_get_payload_len(a));
		assert_ptr_equal(mnl_attr_get_payload(a), theirs.mnl_attr_get_payload(a));
		assert_ptr_equal(mnl_attr_get_str(a), theirs.mnl_attr_get_str(a));
		assert_int_equal(mnl_attr_get_u8(a), theirs.mnl_attr_get_u8(a));
		assert_int_equal(mnl_attr_get_u16(a), theirs.mnl_attr_get_u16(a));
		assert_int_equal(mnl_attr_get_u32(a), theirs.mnl_attr_get_u32(a));
		assert_true(mnl_attr_get_u64(a) == theirs.mnl_attr_get_u64(a));
		assert_ptr_equal(mnl_attr_next(a), theirs.mnl_attr_next(a));
		for (int len = -4; len < 40; len++)
			assert_int_equal(mnl_attr_ok(a, len), theirs.mnl_attr_ok(a, len));
		s.h.nlmsg_len = below(ATTRIBUTES);
		assert_ptr_equal(mnl_nlmsg_get_payload_tail(&s.h),
				 theirs.mnl_nlmsg_get_payload_tail(&s.h));
		for (size_t off = 0; off < 40; off++)
			assert_ptr_equal(mnl_nlmsg_get_payload_offset(&s.h, off),
					 theirs.mnl_nlmsg_get_payload_offset(&s.h, off));
	}
}

/* With lengths of every type and the lengths beside it, and text that ends or does not. */
static void test_validate(void **state)
{
	static union stream s;

	for (uint16_t len = 0; len < 24; len++)
		for (int type = 0; type <= MNL_TYPE_MAX; type++) {
			int r, num;

			random_bytes(&s, sizeof(s));
			s.a.nla_len = (uint16_t)(MNL_ATTR_HDRLEN + len);
			if (len && below(2))
				s.bytes[MNL_ATTR_HDRLEN + len - 1] = '\0';
			errno = 0;
			r = mnl_attr_validate(&s.a, (enum mnl_attr_data_type)type);
			num = errno;
			errno = 0;
			assert_int_equal(
				r, theirs.mnl_attr_validate(&s.a, (enum mnl_attr_data_type)type));
			assert_int_equal(num, errno);
			errno = 0;
			r = mnl_attr_type_valid(&s.a, len);
			num = errno;
			errno = 0;
			assert_int_equal(r, theirs.mnl_attr_type_valid(&s.a, len));
			assert_int_equal(num, errno);
		}
}

/* What a walk has seen, and when it ends of itself. */
struct walk {
	const struct nlattr *seen[ATTRIBUTES];
	size_t n, end;
	int verdict;
};

static int see(const struct nlattr *a, void *data)
{
	struct walk *w = data;

	w->seen[w->n++] = a;
	return w->n == w->end ? w->verdict : MNL_CB_OK;
}

static void same_walk(const struct walk *a, const struct walk *b)
{
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->seen, b->seen, a->n * sizeof(a->seen[0]));
}

static void test_walks(void **state)
{
	static union stream s;

	for (int round = 0; round < ROUNDS; round++) {
		struct walk a = { .end = below(12), .verdict = (int)below(3) - 1 }, b = a;

		random_stream(&s);
		s.a.nla_len = (uint16_t)(MNL_ATTR_HDRLEN + below(ATTRIBUTES - 4));
		assert_int_equal(mnl_attr_parse_nested(&s.a, see, &a),
				 theirs.mnl_attr_parse_nested(&s.a, see, &b));
		same_walk(&a, &b);
		a.n = b.n = 0;
		s.h.nlmsg_len = (uint32_t)(MNL_NLMSG_HDRLEN + below(ATTRIBUTES - 16));
		assert_int_equal(mnl_attr_parse(&s.h, 4, see, &a),
				 theirs.mnl_attr_parse(&s.h, 4, see, &b));
		same_walk(&a, &b);
	}
}

/* ---- batches ---- */

#define LIMIT 512

static void test_batches(void **state)
{
	static union {
		struct nlmsghdr h;
		char bytes[2 * LIMIT];
	} buf;

	for (int round = 0; round < 100; round++) {
		struct mnl_nlmsg_batch *a = mnl_nlmsg_batch_start(&buf, LIMIT);
		struct mnl_nlmsg_batch *b = theirs.mnl_nlmsg_batch_start(&buf, LIMIT);
		bool room = true;

		assert_true(a && b);
		while (room) {
			struct nlmsghdr *h = mnl_nlmsg_batch_current(a);

			assert_ptr_equal(h, theirs.mnl_nlmsg_batch_current(b));
			mnl_nlmsg_put_header(h);
			h->nlmsg_len = (uint32_t)MNL_ALIGN(16 + below(100));
			room = mnl_nlmsg_batch_next(a);
			assert_int_equal(room, theirs.mnl_nlmsg_batch_next(b));
			assert_int_equal(mnl_nlmsg_batch_size(a), theirs.mnl_nlmsg_batch_size(b));
		}
		assert_ptr_equal(mnl_nlmsg_batch_head(a), &buf);
		assert_ptr_equal(theirs.mnl_nlmsg_batch_head(b), &buf);
		mnl_nlmsg_batch_stop(a);
		theirs.mnl_nlmsg_batch_stop(b);
	}
}

/* ---- sockets ---- */

static void test_no_socket(void **state)
{
	errno = 0;
	assert_null(mnl_socket_open(0));
	assert_int_equal(errno, ENOSYS);
}

static int load(void **state)
{
	void *lib = dlopen("libmnl.so.0", RTLD_NOW | RTLD_LOCAL);

	if (!lib) {
		fprintf(stderr, "%s\n", dlerror());
		return -1;
	}
#define X(name)                                              \
	theirs.name = (__typeof__(name) *)dlsym(lib, #name); \
	if (!theirs.name || theirs.name == ours.name)        \
		return -1;
	FUNCTIONS(X)
#undef X
	seed = 4711;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes),	  cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_values),	  cmocka_unit_test(test_validate),
		cmocka_unit_test(test_walks),	  cmocka_unit_test(test_batches),
		cmocka_unit_test(test_no_socket),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
