/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Users and groups by number and by name, from files that an image brings. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"

static void numbers_are_strict(void **state)
{
	static const char *const bad[] = {
		"",	      ":",    "1:",	    ":1",      "1x",	       "-1",
		"+1",	      "0x1",  " 1",	    "1 ",      "1:x:",	       "01",
		"4294967295", "1:-1", "4294967296", "1:2:3",   "1:4294967295", "a b",
		"a/b",	      ".a",   "root:",	    "root:1x", "1:\n",
	};
	uint32_t uid = 7, gid = 7;
	const char *name;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err e = ERR_INIT;

		if (account_parse(bad[i], &uid, &gid, &name, &e) != -EINVAL)
			fail_msg("taken: '%s'", bad[i]);
		assert_true(e.msg[0] && uid == 7 && gid == 7);
	}
	assert_int_equal(account_parse("1", &uid, &gid, &name, NULL), 0);
	assert_true(uid == 1 && gid == 0 && !name);
	assert_int_equal(account_parse("4294967294:5", &uid, &gid, &name, NULL), 0);
	assert_true(uid == 4294967294 && gid == 5 && !name);
	assert_int_equal(account_parse("www-data:staff", &uid, &gid, &name, NULL), 0);
	assert_string_equal(name, "www-data:staff");
	assert_int_equal(account_check_group("1x", NULL), -EINVAL);
	assert_int_equal(account_check_group("audio", NULL), 0);
}

struct root {
	char path[64];
	int fd;
};

static void put(const struct root *r, const char *name, const char *text)
{
	assert_int_equal(file_replace_at(r->fd, name, text, strlen(text), 0644, false), 0);
}

static void make(struct root *r)
{
	snprintf(r->path, sizeof(r->path), "/tmp/ct-account-XXXXXX");
	assert_non_null(mkdtemp(r->path));
	r->fd = open(r->path, O_DIRECTORY | O_CLOEXEC);
	assert_true(r->fd >= 0 && mkdirat(r->fd, "etc", 0755) == 0);
	put(r, "etc/passwd",
	    "root:x:0:0:root:/root:/bin/sh\n\nbroken\nweb:x:1x:1::/:\nweb:x:33:34:w:/www:/bin/sh\n"
	    "web:x:0:0::/:\n1000:x:0:0::/:\nlast:x:5:6");
	put(r, "etc/group",
	    "root:x:0:\nstaff:x:50:web,last\nweb:x:34:\nadm:x:4:alast,web\nodd:x:1x:web\n");
}

static void unmake(struct root *r)
{
	close(r->fd);
	dir_remove_at(AT_FDCWD, r->path);
}

static void names_are_the_images(void **state)
{
	struct account a;
	struct err e = ERR_INIT;
	struct root r = { 0 };
	struct strv extra = { 0 };

	make(&r);
	/* the first that is whole counts */
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "web" }, &a, NULL), 0);
	assert_true(a.uid == 33 && a.gid == 34 && a.n_groups == 2);
	assert_true(a.groups[0] == 50 && a.groups[1] == 4);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "last" }, &a, NULL), 0);
	assert_true(a.uid == 5 && a.gid == 6 && a.n_groups == 1);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "web:adm" }, &a, NULL),
			 0);
	assert_true(a.uid == 33 && a.gid == 4 && a.n_groups == 0);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "9:staff" }, &a, NULL),
			 0);
	assert_true(a.uid == 9 && a.gid == 50);
	/* a number is a number, whatever a file says */
	assert_int_equal(account_find(r.fd, &(struct account_want){ .uid = 1000 }, &a, NULL), 0);
	assert_true(a.uid == 1000 && a.gid == 0 && a.n_groups == 0);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "nobody" }, &a, &e),
			 -ENOENT);
	assert_non_null(strstr(e.msg, "nobody"));
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "web:odd" }, &a, NULL),
			 -ENOENT);
	strv_add(&extra, "7");
	strv_add(&extra, "staff");
	strv_add(&extra, "7");
	assert_int_equal(account_find(r.fd, &(struct account_want){ .groups = &extra }, &a, NULL),
			 0);
	assert_true(a.uid == 0 && a.n_groups == 2 && a.groups[0] == 7 && a.groups[1] == 50);
	strv_free(&extra);
	unmake(&r);
}

static void a_fifo_or_nothing_is_no_file(void **state)
{
	struct account a;
	struct root r = { 0 };

	make(&r);
	assert_int_equal(unlinkat(r.fd, "etc/passwd", 0), 0);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "web" }, &a, NULL),
			 -ENOENT);
	assert_int_equal(mkfifoat(r.fd, "etc/passwd", 0644), 0);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "web" }, &a, NULL),
			 -ENOENT);
	unlinkat(r.fd, "etc/passwd", 0);
	/* a link leads nowhere but into the root */
	assert_int_equal(symlinkat("/../../../../../../etc/passwd", r.fd, "etc/passwd"), 0);
	assert_int_equal(account_find(r.fd, &(struct account_want){ .user = "root" }, &a, NULL),
			 -ENOENT);
	unmake(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(names_are_the_images),
		cmocka_unit_test(a_fifo_or_nothing_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
