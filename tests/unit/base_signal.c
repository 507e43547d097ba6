/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals by name and number, and back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/signal.h"

static void gives(const char *word, int sig)
{
	struct err e = ERR_INIT;
	int got = 0;

	assert_int_equal(signal_parse(word, &got, &e), 0);
	assert_int_equal(got, sig);
}

static void test_words(void **state)
{
	gives("TERM", SIGTERM);
	gives("SIGTERM", SIGTERM);
	gives("sigterm", SIGTERM);
	gives("Hup", SIGHUP);
	gives("9", SIGKILL);
	gives("64", SIGRTMAX);
	gives("POLL", SIGIO);
	gives("RTMIN", SIGRTMIN);
	gives("SIGRTMIN+3", SIGRTMIN + 3);
	gives("rtmax-2", SIGRTMAX - 2);
}

static void test_no_words(void **state)
{
	static const char *const bad[] = { "",	      "0",	  "65",	       "-1",	  "SIG",
					   "TERMX",   " TERM",	  "9x",	       "RTMIN-1", "RTMIN+",
					   "RTMAX+1", "RTMIN+99", "SIGSIGTERM" };
	struct err e;
	int got = 5;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e = (struct err)ERR_INIT;
		assert_true(signal_parse(bad[i], &got, &e) < 0);
		assert_int_equal(got, 5);
	}
	e = (struct err)ERR_INIT;
	assert_int_equal(signal_parse("SIGTEMR", &got, &e), -EINVAL);
	assert_non_null(strstr(e.hint, "TERM"));
}

static void test_names(void **state)
{
	char buf[SIGNAL_STRLEN];
	int back;

	assert_string_equal(signal_name(SIGKILL, buf), "SIGKILL");
	assert_string_equal(signal_name(SIGRTMIN + 1, buf), "SIGRTMIN+1");
	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		if (sig >= 32 && sig < SIGRTMIN)
			continue; /* the C library's own */
		assert_int_equal(signal_parse(signal_name(sig, buf), &back, NULL), 0);
		assert_int_equal(back, sig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_no_words),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
