/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/ini.h"
#include "core/base/str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static int parse(const char *text, struct ini *ini, struct err *e)
{
	err_clear(e);
	return ini_parse("f", text, strlen(text), ini, e);
}

/* Text and what [s] k must be in it. */
static const struct {
	const char *text, *value;
} values[] = {
	{ "[s]\nk=v\n", "v" },
	{ "[s]\nk=v", "v" },
	{ "[s]\nk = v with spaces  \n", "v with spaces" },
	{ "\t[ S ]\n \tK\t=\tv\n", "v" },
	{ "[s]\r\nk = v\r\n", "v" },
	{ "\xef\xbb\xbf[s]\nk = v\n", "v" },
	{ "; comment\n# comment\n\n[s]\nk=v\n", "v" },
	{ "[s]\nk=\n", "" },
	{ "[s]\nk=", "" },
	{ "[s]\nk= ; nothing\n", "" },
	{ "[s]\nk=#nothing\n", "" },
	{ "[s]\nk=\"\"\n", "" },
	{ "[s]\nk='' # nothing\n", "" },
	{ "[s]\nk = v ; comment\n", "v" },
	{ "[s]\nk = v\t# comment \"\n", "v" },
	{ "[s]\nk = \"a;b#c\"\n", "a;b#c" },
	{ "[s]\nk = \"  a  \" ; comment\n", "  a  " },
	{ "[s]\nk = 'say \"x\"'\n", "say \"x\"" },
	{ "[s]\nk = \"it's\"#c\n", "it's" },
	{ "[s]\nk = it's\n", "it's" },
	{ "[s]\nk = a \"b\" c\n", "a \"b\" c" },
	{ "[s]\nk = a=b\n", "a=b" },
	{ "[s]\nk == b\n", "= b" },
	{ "[s]\nk = one \\\n two\n", "one  two" },
	{ "[s]\nk = one\\  \ntwo\\\n\nj=1\n", "onetwo" },
	{ "[s]\nk\\\n = v\n", "v" },
	{ "[s]\nk = \xc3\xa4\n", "\xc3\xa4" },
	{ "[s]\nk = [x]\n", "[x]" },
	{ "[t]\nk=w\n[s]\nk=v\n", "v" },
	{ "[s]\nk=v\n[s.k]\nk=w\n", "v" },
};

static void test_values(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct err e = ERR_INIT;
		struct ini ini = { 0 };
		const char *v;

		if (parse(values[i].text, &ini, &e) < 0)
			fail_msg("%s: %s", values[i].text, e.msg);
		v = ini_get(&ini, "s", "k");
		if (!v || strcmp(v, values[i].value))
			fail_msg("%s: got \"%s\"", values[i].text, v ? v : "(null)");
		ini_free(&ini);
	}
}

/* Text and how the message begins. */
static const struct {
	const char *text, *msg;
} errors[] = {
	{ "k=v\n", "f:1:1: a key before" },
	{ "[s]\n  junk\n", "f:2:3: neither" },
	{ "[s]\nk: v\n", "f:2:1: neither" },
	{ "[s\nk=v\n", "f:1:3: the section header lacks" },
	{ "[s", "f:1:3: the section header lacks" },
	{ "[]\n", "f:1:2: a name is missing" },
	{ "[ ]\n", "f:1:3: a name is missing" },
	{ "[s] ; comment\n", "f:1:4: nothing may follow" },
	{ "[s] ; k=v\n", "f:1:4: nothing may follow" },
	{ "[a]b]\n", "f:1:4: nothing may follow" },
	{ "[a:b]\n", "f:1:3: a name may hold" },
	{ "[a b]\n", "f:1:3: a name may hold" },
	{ "[s]\n= v\n", "f:2:1: a name is missing" },
	{ "[s]\na:b = v\n", "f:2:2: a name may hold" },
	{ "[s]\na b = v\n", "f:2:2: a name may hold" },
	{ "[s]\n\xc3\xa4 = v\n", "f:2:1: a name may hold" },
	{ "[s]\nk = \"v\n", "f:2:5: this quote is not closed" },
	{ "[s]\nk = 'v\n", "f:2:5: this quote is not closed" },
	{ "[s]\nk = \"v' ; \n", "f:2:5: this quote is not closed" },
	{ "[s]\nk = \"v\" w\n", "f:2:9: text follows" },
	{ "[s]\nk = \"a\\\"b\"\n", "f:2:9: text follows" },
	{ "[s]\nk = \"\" x\n", "f:2:8: text follows" },
	{ "[s]\nk = a;b\n", "f:2:6: the value would end" },
	{ "[s]\nk = 1.1.1.1#53\n", "f:2:12: the value would end" },
	{ "[s]\nk = echo \"a ; b\"\n", "f:2:13: the value would end" },
	{ "[s]\nk = sh -c 'a # b'\n", "f:2:14: the value would end" },
	{ "[s]\nk = 1\nj = 2\nK = 3\n", "f:4:1: \"k\" is already set in line 2" },
	{ "[s]\nk=1\n[t]\n[S]\n", "f:4:2: [s] already begins in line 1" },
	{ "[t]\n[s]\na=1\nb=1\nb=1\na=1\n[t]\n", "f:5:1: \"b\" is already set in line 4" },
	{ "[s]\nk=1\nK = a much longer value\n", "f:3:1: \"k\" is already set in line 2" },
	{ "[s]\n# comment \\\nk = v\n", "f:2:1: a backslash joins" },
	{ "[s]\nk = v \\", "f:2:7: the backslash joins" },
	{ "[s]\nk = v \\\n", "f:2:7: the backslash joins" },
	{ "[s]\nk = a\\\nb;c\n", "f:3:2: the value would end" },
	{ "[s]\nk = a\\\n  \"\\\nb ;c\n", "f:4:3: the value would end" },
	{ "[s]\nk = \x01\n", "f:2:5: a control byte" },
	{ "[s]\nk = a\rb\n", "f:2:6: a control byte" },
	{ "[s]\nk = a\fb\n", "f:2:6: a control byte" },
	{ "\xff\xfe[s]\n", "f:1:1: neither" },
};

static void test_errors(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct ini ini = { .n = 7 };
		struct err e = ERR_INIT;
		int r = parse(errors[i].text, &ini, &e);

		if (r != -EINVAL || !str_starts(e.msg, errors[i].msg))
			fail_msg("%s: %d \"%s\"", errors[i].text, r, e.msg);
		assert_int_equal(e.num, -EINVAL);
		assert_int_equal(ini.n, 7);
	}
}

static void test_nul_byte(void **state)
{
	static const char text[] = "[s]\nk = a\0b\n";
	struct err e = ERR_INIT;
	struct ini ini;

	assert_int_equal(ini_parse("f", text, sizeof(text) - 1, &ini, &e), -EINVAL);
	assert_true(str_starts(e.msg, "f:2:6: a control byte"));
}

static void test_empty(void **state)
{
	static const char *const texts[] = { "", "\n", "\xef\xbb\xbf", "# only", " \t\r\n;\n" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err e = ERR_INIT;
		struct ini ini;

		assert_int_equal(parse(texts[i], &ini, &e), 0);
		assert_int_equal(ini.n, 0);
		assert_null(ini_get(&ini, "s", "k"));
		ini_free(&ini);
	}
}

/* 1022 bytes are a line, 1023 are not; with and without newline, alone and joined. */
static void test_line_length(void **state)
{
	static const char *const heads[] = { "[s]\nk=", "[s]\nk=\\\n" };

	for (size_t h = 0; h < ARRAY_SIZE(heads); h++) {
		for (size_t len = 1000; len < 1030; len++) {
			char text[1100], *p = text + strlen(heads[h]);
			size_t line = len + 2;
			struct err e = ERR_INIT;
			struct ini ini;
			int r;

			memcpy(text, heads[h], strlen(heads[h]));
			memset(p, 'v', len);
			p[len] = '\0';
			r = parse(text, &ini, &e);
			assert_int_equal(r, line <= 1022 ? 0 : -EINVAL);
			if (r < 0) {
				assert_non_null(strstr(e.msg, "too long"));
				continue;
			}
			assert_int_equal(strlen(ini_get(&ini, "s", "k")), len);
			ini_free(&ini);
		}
	}
}

static void test_order_and_position(void **state)
{
	static const char text[] = "\n[Network]\n  subnet.1 = a\n\tsubnet.2 = \"b\"\n"
				   "[node.r1]\nx\\\ny = \\\n1\nz=\n";
	static const struct ini_entry want[] = {
		{ "network", NULL, NULL, 2, 2 },      { "network", "subnet.1", "a", 3, 3 },
		{ "network", "subnet.2", "b", 4, 2 }, { "node.r1", NULL, NULL, 5, 2 },
		{ "node.r1", "xy", "1", 6, 1 },	      { "node.r1", "z", "", 9, 1 },
	};
	struct err e = ERR_INIT;
	struct ini ini;

	assert_int_equal(parse(text, &ini, &e), 0);
	assert_int_equal(ini.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ini.n; i++) {
		const struct ini_entry *at = &ini.entries[i];

		assert_string_equal(at->section, want[i].section);
		assert_int_equal(!at->key, !want[i].key);
		assert_int_equal(!at->value, !want[i].value);
		if (at->key) {
			assert_string_equal(at->key, want[i].key);
			assert_string_equal(at->value, want[i].value);
		}
		assert_int_equal(at->line, want[i].line);
		assert_int_equal(at->col, want[i].col);
		assert_ptr_equal(ini_find(&ini, at->section, at->key), at);
	}
	assert_null(ini_find(&ini, "node.r1", "subnet.1"));
	assert_null(ini_find(&ini, "node", NULL));
	ini_free(&ini);
	ini_free(&ini);
}

/* Enough for several pieces, one section longer than a piece; every value is right. */
static void test_large(void **state)
{
	enum { SECTIONS = 300, KEYS = 20, LONG = 3000, SIZE = 1024 * 1024 };
	_cleanup_free_ char *text = malloc(SIZE);
	char section[32], key[32], value[32];
	struct err e = ERR_INIT;
	struct ini ini;
	size_t n = 0;

	for (int i = 0; i < SECTIONS; i++) {
		int keys = i == 7 ? LONG : KEYS;

		n += (size_t)snprintf(text + n, SIZE - n, "[node.n%d]\n", i);
		for (int k = 0; k < keys; k++)
			n += (size_t)snprintf(text + n, SIZE - n, "key%d = %d-%d\n", k, i, k);
	}
	if (ini_parse("f", text, n, &ini, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(ini.n, SECTIONS + (SECTIONS - 1) * KEYS + LONG);
	for (int i = 0; i < SECTIONS; i++) {
		snprintf(section, sizeof(section), "node.n%d", i);
		for (int k = 0; k < (i == 7 ? LONG : KEYS); k++) {
			snprintf(key, sizeof(key), "key%d", k);
			snprintf(value, sizeof(value), "%d-%d", i, k);
			assert_string_equal(ini_get(&ini, section, key), value);
		}
	}
	ini_free(&ini);
}

static const struct ini_key network_keys[] = { { "subnet" }, { "mtu" },	   { "label.*" },
					       { "dns.#" },  { "parent" }, { NULL } };
static const struct ini_key node_keys[] = { { "image" }, { NULL } };
static const struct ini_section schema[] = { { "network", network_keys },
					     { "node.*", node_keys },
					     { NULL, NULL } };

static void check(const char *text, const char *msg, const char *hint)
{
	struct err e = ERR_INIT;
	struct ini ini;
	int r;

	assert_int_equal(parse(text, &ini, &e), 0);
	r = ini_check(&ini, schema, &e);
	if (r != (msg ? -EINVAL : 0) || strcmp(e.msg, msg ? msg : "") || strcmp(e.hint, hint))
		fail_msg("%s: %d \"%s\" \"%s\"", text, r, e.msg, e.hint);
	assert_int_equal(ini_check(&ini, schema, NULL), r);
	ini_free(&ini);
}

static void test_schema(void **state)
{
	check("[network]\nsubnet=1\nlabel.a.b=1\ndns.1=a\ndns.12=b\n[node.r1]\nimage=x\n", NULL,
	      "");
	check("", NULL, "");
	check("[network]\n subnt=1\n", "f:2:2: unknown key \"subnt\" in [network]",
	      "did you mean \"subnet\"?");
	check("[network]\ndns=1\n", "f:2:1: unknown key \"dns\" in [network]",
	      "did you mean \"dns.1\"?");
	check("[network]\ndns.x=1\n", "f:2:1: unknown key \"dns.x\" in [network]",
	      "did you mean \"dns.1\"?");
	check("[network]\ndns.0=1\n", "f:2:1: unknown key \"dns.0\" in [network]",
	      "did you mean \"dns.1\"?");
	check("[network]\ndns.01=1\n", "f:2:1: unknown key \"dns.01\" in [network]",
	      "did you mean \"dns.1\"?");
	check("[network]\nlabl.x=1\n", "f:2:1: unknown key \"labl.x\" in [network]",
	      "did you mean \"label.x\"?");
	check("[network]\nlabel.=1\n", "f:2:1: unknown key \"label.\" in [network]",
	      "did you mean \"label.NAME\"?");
	check("[network]\nzzzzzz=1\n", "f:2:1: unknown key \"zzzzzz\" in [network]", "");
	check("[netwrk]\nsubnet=1\n", "f:1:2: unknown section [netwrk]",
	      "did you mean \"network\"?");
	check("[nod.r1]\n", "f:1:2: unknown section [nod.r1]", "did you mean \"node.r1\"?");
	check("[node]\n", "f:1:2: unknown section [node]", "did you mean \"node.NAME\"?");
	check("[node.r1]\nmtu=1\n", "f:2:1: unknown key \"mtu\" in [node.r1]", "");
}

static void count(void *ctx, const struct err *what)
{
	struct strv *all = ctx;

	assert_int_equal(what->num, -EINVAL);
	assert_int_equal(strv_add(all, what->msg), 0);
}

static void test_schema_all(void **state)
{
	static const char text[] = "[network]\na=1\nmtu=1\nb=1\n[x]\nc=1\n[node.y]\nd=1\n";
	struct err e = ERR_INIT;
	struct strv all = { 0 };
	struct ini ini;

	assert_int_equal(parse(text, &ini, &e), 0);
	assert_int_equal(ini_check_each(&ini, schema, count, &all), 4);
	assert_int_equal(all.n, 4);
	assert_string_equal(all.v[0], "f:2:1: unknown key \"a\" in [network]");
	assert_string_equal(all.v[1], "f:4:1: unknown key \"b\" in [network]");
	assert_string_equal(all.v[2], "f:5:2: unknown section [x]");
	assert_string_equal(all.v[3], "f:8:1: unknown key \"d\" in [node.y]");
	strv_free(&all);
	ini_free(&ini);
}

/* What is wrong is told and left out; all else is there, with its position. */
static void test_parse_each(void **state)
{
	static const char text[] = "z=1\n[s]\nk=1\njunk\nk=2\n[t\nx=1\n[u]\ny=\"\\\na=b\n"
				   "w=3\n[s]\nq=1\n[v]\nlast=4\n";
	static const char *const want[] = { "f:1:1: a key before",
					    "f:4:1: neither",
					    "f:5:1: \"k\" is already set in line 3",
					    "f:6:3: the section header lacks",
					    "f:9:3: this quote is not closed",
					    "f:12:2: [s] already begins in line 2" };
	struct err e = ERR_INIT;
	struct strv all = { 0 };
	struct ini ini;

	assert_int_equal(ini_parse_each("f", text, sizeof(text) - 1, &ini, count, &all, &e),
			 ARRAY_SIZE(want));
	for (size_t i = 0; i < all.n; i++)
		if (!str_starts(all.v[i], want[i]))
			fail_msg("%zu: %s", i, all.v[i]);
	assert_string_equal(ini_get(&ini, "s", "k"), "1");
	assert_string_equal(ini_get(&ini, "u", "w"), "3");
	assert_null(ini_find(&ini, "s", "q"));
	assert_int_equal(ini_find(&ini, "v", "last")->line, 15);
	assert_int_equal(ini.n, 6);
	strv_free(&all);
	ini_free(&ini);
}

static void test_ini_err(void **state)
{
	struct err e = ERR_INIT;
	struct ini ini;

	assert_int_equal(parse("[s]\n k = v\n", &ini, &e), 0);
	err_set(&e, EINVAL, "\"v\" is not a number");
	assert_int_equal(ini_err(&ini, ini_find(&ini, "s", "k"), -EINVAL, &e), -EINVAL);
	assert_string_equal(e.msg, "f:2:2: k: \"v\" is not a number");
	err_set(&e, EINVAL, "too little");
	assert_int_equal(ini_err(&ini, ini_find(&ini, "s", NULL), -EINVAL, &e), -EINVAL);
	assert_string_equal(e.msg, "f:1:2: [s]: too little");
	ini_free(&ini);
}

static void test_load(void **state)
{
	char dir[] = "/tmp/ini.XXXXXX";
	struct err e = ERR_INIT;
	struct ini ini;
	int fd;

	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	assert_int_equal(ini_load(fd, "absent", &ini, &e), -ENOENT);
	assert_string_equal(e.msg, "absent: No such file or directory");
	assert_int_equal(file_replace_at(fd, "x", "[s]\nk=v\n", 8, 0600, false), 0);
	assert_int_equal(ini_load(fd, "x", &ini, &e), 0);
	assert_string_equal(ini_get(&ini, "s", "k"), "v");
	assert_string_equal(ini.file, "x");
	ini_free(&ini);
	assert_int_equal(ini_load(fd, ".", &ini, &e), -EISDIR);
	assert_int_equal(dir_remove_at(AT_FDCWD, dir), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	    cmocka_unit_test(test_errors),
		cmocka_unit_test(test_nul_byte),    cmocka_unit_test(test_empty),
		cmocka_unit_test(test_line_length), cmocka_unit_test(test_order_and_position),
		cmocka_unit_test(test_large),	    cmocka_unit_test(test_schema),
		cmocka_unit_test(test_schema_all),  cmocka_unit_test(test_ini_err),
		cmocka_unit_test(test_load),	    cmocka_unit_test(test_parse_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
