/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of published ports, the index, who is in whose way, and the maps that follow. */
#include "tests/unit/net_tmp.h"

#include <errno.h>

#include "core/base/cleanup.h"
#include "core/base/proc.h"
#include "net/port_index.h"
#include "net/port_real.h"

static struct port_spec spec(const char *s)
{
	struct port_spec p = { 0 };

	assert_int_equal(parse_port_spec(s, &p, NULL), 0);
	return p;
}

/* One that lives as long as this test. */
static struct port_record record(const char *owner, const char *const specs[])
{
	struct port_record rec = { .n = 0 };

	snprintf(rec.owner, sizeof(rec.owner), "%s", owner);
	snprintf(rec.name, sizeof(rec.name), "n-%s", owner);
	assert_int_equal(proc_identify(getpid(), &rec.holder), 0);
	for (; *specs; specs++) {
		struct port_spec s = spec(*specs);

		assert_int_equal(port_record_add(&rec, &s), 0);
	}
	return rec;
}

static void save(struct tmp *t, struct port_record *rec)
{
	_cleanup_port_index_ struct port_index ix = { 0 };

	assert_int_equal(port_index_open(&t->net, &ix), 0);
	assert_int_equal(port_record_save(&t->net, rec), 0);
	port_index_add(&ix, rec->specs, rec->n);
}

static void test_record(void **state)
{
	struct tmp *t = *state;
	_cleanup_port_record_ struct port_record rec =
		record("one", (const char *[]){ "8080:80", "127.0.0.1:53-60:53/udp",
						"[2001:db8::1]:1-65535:1/sctp", NULL });
	_cleanup_port_record_ struct port_record got = { .n = 0 };

	assert_false(port_record_any(&t->net, "one"));
	rec.to[PORT_V6] = ip("fd88::2");
	snprintf(rec.dev, sizeof(rec.dev), "br0");
	save(t, &rec);
	assert_true(port_record_any(&t->net, "one"));
	assert_int_equal(port_record_load(&t->net, "one", rec.id, &got), 0);
	assert_string_equal(got.name, "n-one");
	assert_string_equal(got.dev, "br0");
	assert_string_equal(got.port, "");
	assert_int_equal(got.holder.pid, getpid());
	assert_true(proc_alive(&got.holder));
	assert_false(ip_is_set(&got.to[PORT_V4]));
	assert_true(ip_eq(&got.to[PORT_V6], &rec.to[PORT_V6]));
	assert_int_equal(got.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(port_spec_eq(&got.specs[i], &rec.specs[i]));
	assert_int_equal(port_record_drop(&t->net, &rec), 0);
	assert_int_equal(port_record_drop(&t->net, &rec), 0);
	assert_int_equal(port_record_forget(&t->net, "one"), 0);
	assert_false(port_record_any(&t->net, "one"));
}

static void test_parse_refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"name web\n",
		"name web\nholder 1 2 3\nto - -\nvia - -",
		"name web\nholder 1 2 3\nto fd88::2 -\nvia - -\n",
		"name web\nholder -1 2 3\nto - -\nvia - -\n",
		"name web\nholder 1 2 3\nto - -\nvia - abcdefghijklmnop\n",
		"name web\nholder 1 2 3\nto - -\nvia - -\ntcp - 0 0 80\n",
		"name web\nholder 1 2 3\nto - -\nvia - -\ntcp - 9 8 80\n",
		"name web\nholder 1 2 3\nto - -\nvia - -\ntcp - 1 9 65535\n",
		"name web\nholder 1 2 3\nto - -\nvia - -\nxxx - 1 9 1\n",
		"name web\nholder 1 2 3\nto - -\nvia - -\ntcp - 1 9 1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct port_record rec = { .n = 0 };

		if (port_record_parse(bad[i], &rec) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
		assert_null(rec.specs);
	}
}

static void test_index(void **state)
{
	struct tmp *t = *state;
	struct port_index ix = { 0 };
	struct port_spec range = spec("8000-8010:80"), one = spec("8010:1"),
			 udp = spec("8010:1/udp"), next = spec("8011:1"),
			 top = spec("65535:65535/sctp");

	assert_int_equal(port_index_open(&t->net, &ix), 0);
	port_index_reset(&ix);
	port_index_add(&ix, &range, 1);
	port_index_add(&ix, &one, 1);
	port_index_add(&ix, &top, 1);
	assert_false(port_index_free(&ix, &one));
	assert_true(port_index_free(&ix, &udp));
	assert_true(port_index_free(&ix, &next));
	port_index_sub(&ix, &range, 1);
	assert_false(port_index_free(&ix, &range));
	port_index_close(&ix);
	assert_int_equal(port_index_open(&t->net, &ix), 0);
	assert_false(port_index_free(&ix, &top));
	port_index_sub(&ix, &one, 1);
	port_index_sub(&ix, &one, 1);
	assert_true(port_index_free(&ix, &range));
	port_index_close(&ix);
}

/* Who asks, who is in the way (NULL: nobody), as the message says it. */
static const struct {
	const char *ask, *says;
} asked[] = {
	{ "8005:1", "port 8005/tcp is published by container n-one" },
	{ "8005:1/udp", NULL },
	{ "192.0.2.1:8005:1", "port 192.0.2.1:8005/tcp is published by container n-one" },
	{ "[2001:db8::1]:8005:1", "port [2001:db8::1]:8005/tcp is published by container n-one" },
	{ "7990-8000:1", "port 8000/tcp is published by container n-one" },
	{ "7990-7999:1", NULL },
	{ "9000:1", "port 9000/tcp is published by container n-one" },
	{ "127.0.0.1:9000:1", "port 127.0.0.1:9000/tcp is published by container n-one" },
	{ "127.0.0.2:9000:1", NULL },
	{ "[::1]:9000:1", NULL },
	{ "9001:1", "port 9001/tcp is published by container n-one" },
	{ "192.0.2.1:9001:1", NULL },
};

static void test_conflicts(void **state)
{
	struct tmp *t = *state;
	_cleanup_port_index_ struct port_index ix = { 0 };
	_cleanup_port_record_ struct port_record one =
		record("one", (const char *[]){ "8000-8010:80", "127.0.0.1:9000:1", "[::1]:9001:1",
						NULL });

	save(t, &one);
	assert_int_equal(port_index_open(&t->net, &ix), 0);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		_cleanup_port_record_ struct port_record rec =
			record("two", (const char *[]){ asked[i].ask, NULL });
		struct err e = ERR_INIT;
		int r = port_conflict_check(&t->net, &ix, &rec, rec.specs, &e);

		if (r != (asked[i].says ? -EADDRINUSE : 0))
			fail_msg("%s: %d %s", asked[i].ask, r, e.msg);
		if (asked[i].says)
			assert_string_equal(e.msg, asked[i].says);
	}
	port_record_forget(&t->net, "one");
	port_index_reset(&ix);
}

/* A count that a crash left too high costs a look, no more. */
static void test_stale_count(void **state)
{
	struct tmp *t = *state;
	_cleanup_port_index_ struct port_index ix = { 0 };
	_cleanup_port_record_ struct port_record rec =
		record("two", (const char *[]){ "8080:80", "8080:81", NULL });
	struct err e = ERR_INIT;

	assert_int_equal(port_index_open(&t->net, &ix), 0);
	port_index_add(&ix, rec.specs, 1);
	assert_int_equal(port_conflict_check(&t->net, &ix, &rec, rec.specs, &e), 0);
	assert_int_equal(port_conflict_check(&t->net, &ix, &rec, rec.specs + 1, &e), -EADDRINUSE);
	assert_string_equal(e.msg, "port 8080/tcp is asked for twice");
	port_index_reset(&ix);
}

static void test_maps(void **state)
{
	struct tmp *t = *state;
	_cleanup_port_record_ struct port_record rec =
		record("one", (const char *[]){ "8080:80", "127.0.0.1:53-60:53/udp", "[::1]:81:81",
						"[2001:db8::1]:82:82", NULL });
	_cleanup_free_ struct port_map *m = NULL;
	size_t n;

	save(t, &rec);
	assert_int_equal(port_maps(&t->net, &m, &n, NULL), 0);
	assert_int_equal(n, 0); /* a claim leads nowhere */
	free(take_ptr(m));
	rec.to[PORT_V4] = ip("10.88.0.2");
	rec.to[PORT_V6] = ip("fd88::2");
	assert_int_equal(port_record_save(&t->net, &rec), 0);
	assert_int_equal(port_maps(&t->net, &m, &n, NULL), 0);
	/* both families, one each; none of [::1] */
	assert_int_equal(n, 4);
	assert_int_equal(m[0].family, AF_INET);
	assert_int_equal(m[1].family, AF_INET6);
	assert_int_equal(m[2].first, 53);
	assert_int_equal(m[2].last, 60);
	assert_int_equal(m[2].proto, IPPROTO_UDP);
	assert_true(ip_eq(&m[3].to, &rec.to[PORT_V6]));
	assert_string_equal(m[3].owner, "one");
	free(take_ptr(m));
	/* what is leaving has none */
	assert_int_equal(port_record_leave(&t->net, &rec), 0);
	assert_int_equal(port_maps(&t->net, &m, &n, NULL), 0);
	assert_int_equal(n, 0);
	port_record_forget(&t->net, "one");
}

static int collect(const struct port_spec *s, void *ctx)
{
	char text[PORT_STRLEN], *all = ctx;
	size_t len = strlen(all);

	snprintf(all + len, 256 - len, "%s ", port_str(s, text));
	return 0;
}

static void test_list(void **state)
{
	struct tmp *t = *state;
	_cleanup_port_record_ struct port_record a = record("one", (const char *[]){ "3:1", NULL });
	_cleanup_port_record_ struct port_record b =
		record("one", (const char *[]){ "[::1]:1-2:1/udp", "2:1", NULL });
	char all[256] = "";

	save(t, &a);
	save(t, &b);
	assert_int_equal(port_list(&t->net, "one", collect, all), 0);
	assert_string_equal(all, "3/tcp [::1]:1-2/udp 2/tcp ");
	port_record_forget(&t->net, "one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),	    cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_index),	    cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_stale_count), cmocka_unit_test(test_maps),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, tmp_setup, tmp_teardown);
}
