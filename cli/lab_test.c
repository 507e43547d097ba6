/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab test: the tests and scenarios of a lab that runs, or of a file for which one is made. */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/interrupt.h"
#include "cli/lab.h"
#include "cli/lab_file.h"
#include "cli/lab_jobs.h"
#include "cli/lab_report.h"
#include "cli/lab_trial.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/self.h"
#include "net/probe_icmp.h"

struct test_args {
	const char *junit, *tap;
};

const struct opt lab_test_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct test_args, "junit", 0, OPT_STR, "FILE", junit,
		"write the results as JUnit XML (-: to stdout, in place of lines)"),
	OPT_ROW(struct test_args, "tap", 0, OPT_STR, "FILE", tap, "the same as TAP"),
	OPT_END,
};

struct session {
	struct app *app;
	const char *word;
	char *const *names; /* which ones; none: all */
	int n_names;
	FILE *junit, *tap;
	bool lines; /* on stdout */
	struct lab lab;
	struct lab_trial trial;
	bool ours; /* the lab was made for this */
	int interrupt_fd;
	const struct topo_test **tests; /* the chosen ones, with the first cases */
	const struct topo_scenario **scenarios;
	size_t n_tests, n_scenarios, scenario; /* scenario: the one that runs */
	struct lab_report report;
};

/* ---- which ones ---- */

static bool chosen(const struct session *s, const char *name)
{
	for (int i = 0; i < s->n_names; i++)
		if (!fnmatch(s->names[i], name, 0))
			return true;
	return !s->n_names;
}

static const char *candidate(const void *ctx, size_t i)
{
	const struct topology *t = ctx;

	if (i < t->n_tests)
		return t->tests[i].name;
	return i - t->n_tests < t->n_scenarios ? t->scenarios[i - t->n_tests].name : NULL;
}

/* A word that means nothing is an error: else it would pass for a success. */
static int check_names(const struct session *s, const struct topology *t, struct err *e)
{
	for (int i = 0; i < s->n_names; i++) {
		const char *name, *near;
		size_t k = 0;

		while ((name = candidate(t, k)) && fnmatch(s->names[i], name, 0))
			k++;
		if (name)
			continue;
		near = str_nearest(s->names[i], candidate, t);
		if (near)
			err_hint(e, "did you mean '%s'?", near);
		return app_usage(s->app, err_set(e, EINVAL, "lab %s has no test or scenario %s",
						 t->name, s->names[i]));
	}
	return 0;
}

static void add_case(struct session *s, const char *name, const char *type, unsigned line,
		     const char *expect)
{
	struct lab_report *r = &s->report;
	size_t len = strlen(name);

	r->v[r->n++] =
		(struct lab_case){ .name = name, .type = type, .line = line, .expect = expect };
	r->width = len > r->width ? len : r->width;
}

static int choose(struct session *s, struct err *e)
{
	const struct topology *t = &s->lab.topo;

	s->tests = calloc(t->n_tests + 1, sizeof(*s->tests));
	s->scenarios = calloc(t->n_scenarios + 1, sizeof(*s->scenarios));
	s->report.v = calloc(t->n_tests + t->n_scenarios + 1, sizeof(*s->report.v));
	if (!s->tests || !s->scenarios || !s->report.v)
		return err_sys(e, ENOMEM, "tests");
	for (size_t i = 0; i < t->n_tests; i++)
		if (chosen(s, t->tests[i].name)) {
			s->tests[s->n_tests++] = &t->tests[i];
			add_case(s, t->tests[i].name, topo_test_name(t->tests[i].type),
				 t->tests[i].at.line, t->tests[i].expect.text);
		}
	for (size_t i = 0; i < t->n_scenarios; i++)
		if (chosen(s, t->scenarios[i].name)) {
			s->scenarios[s->n_scenarios++] = &t->scenarios[i];
			add_case(s, t->scenarios[i].name, NULL, t->scenarios[i].at.line, NULL);
		}
	return 0;
}

/* ---- running ---- */

static void finish(struct session *s, size_t i, const char *text, uint64_t took)
{
	struct lab_case *c = &s->report.v[i];

	if (!trial_decode(text, &c->v))
		lab_verdict_set(&c->v, LAB_FAIL, "the process of the test died");
	c->v.took = took;
	c->done = true;
	if (s->lines && (!s->app->quiet || c->v.result == LAB_FAIL)) {
		lab_report_line(&s->report, c, stdout);
		fflush(stdout);
	}
}

static char *run_test(size_t i, void *ctx)
{
	struct session *s = ctx;
	struct lab_verdict v = { 0 };

	trial_run(&s->trial, s->tests[i], &v);
	return trial_encode(&v);
}

static void test_done(size_t i, const char *text, uint64_t took, void *ctx)
{
	finish(ctx, i, text, took);
}

static char *run_scenario(size_t i, void *ctx)
{
	struct session *s = ctx;
	struct lab_verdict v = { 0 };

	(void)i;
	scenario_run(&s->trial, s->scenarios[s->scenario], &v);
	return trial_encode(&v);
}

static void scenario_done(size_t i, const char *text, uint64_t took, void *ctx)
{
	struct session *s = ctx;

	(void)i;
	finish(s, s->n_tests + s->scenario, text, took);
}

/* As a test that nobody runs beside. */
static int run_scenarios(struct session *s, struct err *e)
{
	static const struct topo_test none = { .type = TOPO_TEST_EXEC };
	static const struct topo_test *const one[] = { &none };
	const struct lab_jobs j = { one, 1, run_scenario, scenario_done, s, s->interrupt_fd };
	int r = 0;

	for (s->scenario = 0; s->scenario < s->n_scenarios && r >= 0; s->scenario++) {
		/* the one before may have stopped or started nodes */
		r = s->scenario ? trial_look(&s->trial, e) : 0;
		r = r < 0 ? r : lab_jobs_run(&j, e);
	}
	return r;
}

static int run_all(struct session *s, struct err *e)
{
	const struct lab_jobs j = { s->tests, s->n_tests, run_test, test_done, s, s->interrupt_fd };
	const uint64_t from = probe_now();
	int r;

	s->report.began = time(NULL);
	r = lab_jobs_run(&j, e);
	r = r < 0 ? r : run_scenarios(s, e);
	s->report.took = probe_now() - from;
	return r;
}

/* ---- results ---- */

static void write_results(struct session *s)
{
	if (s->junit)
		lab_report_junit(&s->report, s->junit);
	if (s->tap)
		lab_report_tap(&s->report, s->tap);
	if (s->app->json)
		out_json(lab_report_json(&s->report));
	if (s->lines && !s->app->quiet)
		lab_report_summary(&s->report, stdout);
}

static int open_result(struct session *s, const char *path, FILE **ret, struct err *e)
{
	if (!path)
		return 0;
	if (!strcmp(path, "-")) {
		*ret = stdout;
		s->lines = false;
		return 0;
	}
	*ret = fopen(path, "we");
	return *ret ? 0 : err_sys(e, errno, "%s", path);
}

static int close_result(FILE **f, const char *path, struct err *e)
{
	FILE *it = take_ptr(*f);

	if (!it || it == stdout)
		return 0;
	return fclose(it) == 0 ? 0 : err_sys(e, errno, "%s", path);
}

/* ---- the lab ---- */

/* A name goes before a file of that name. */
static bool is_lab(struct app *app, const char *word)
{
	_cleanup_(strv_free) struct strv names = { 0 };

	return lab_names(app, &names, NULL) >= 0 && strv_has(&names, word);
}

static int make_lab(struct session *s, char ret_name[64], struct err *e)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_free_ char *text = NULL;
	struct lab_up u = { .tied = true, .progress_fd = -1 };
	int r = lab_file_take(s->app, s->word, &t, &text, &u.len, e);

	r = r < 0 ? r : check_names(s, &t, e);
	if (r < 0)
		return r;
	u.file = strcmp(s->word, "-") ? s->word : NULL;
	u.text = text;
	str_fmt(ret_name, 64, "%s", t.name);
	r = lab_up(s->app, &t, &u, e);
	s->ours = r == 0;
	return r;
}

static int open_lab(struct session *s, struct err *e)
{
	char name[64];
	int r = 0;

	if (str_fmt(name, sizeof(name), "%s", s->word) < 0 || !is_lab(s->app, s->word)) {
		if (strcmp(s->word, "-") && access(s->word, F_OK) < 0)
			return lab_open(s->app, s->word, &s->lab, e);
		r = make_lab(s, name, e);
	}
	/* above 0 it is an exit status: the kernel lacks something, it was rolled back */
	return r ? r : lab_open(s->app, name, &s->lab, e);
}

static void session_close(struct session *s)
{
	trial_close(&s->trial);
	lab_close(&s->lab);
	for (size_t i = 0; i < s->report.n; i++)
		lab_verdict_free(&s->report.v[i].v);
	free(s->report.v);
	free(s->tests);
	free(s->scenarios);
	fd_close(s->interrupt_fd);
	close_result(&s->junit, "", NULL);
	close_result(&s->tap, "", NULL);
}

static int prepare(struct session *s, struct err *e)
{
	int r = lab_load(&s->lab, e);

	r = r < 0 ? r : check_names(s, &s->lab.topo, e);
	r = r < 0 ? r : choose(s, e);
	r = r < 0 ? r : trial_open(&s->trial, s->app, &s->lab, e);
	s->report.lab = s->lab.rec.name;
	s->report.file = s->lab.rec.file;
	if (r >= 0)
		r = s->interrupt_fd = interrupt_open(e);
	return r < 0 ? r : 0;
}

/* What ended us, as a shell tells it. */
static int interrupted(const struct session *s)
{
	struct signalfd_siginfo sig = { .ssi_signo = SIGINT };

	return read(s->interrupt_fd, &sig, sizeof(sig)) < 0 ? 128 + SIGINT
							    : 128 + (int)sig.ssi_signo;
}

static int test(struct session *s, struct err *e)
{
	struct lab_counts c;
	int r = prepare(s, e);

	r = r < 0 ? r : run_all(s, e);
	if (r < 0 && r != -EINTR)
		return r;
	write_results(s);
	if (r == -EINTR)
		return interrupted(s);
	lab_report_count(&s->report, &c);
	return c.n[LAB_FAIL] ? LAB_FAILED : LAB_OK;
}

static int run(struct session *s, const struct test_args *args, struct err *e)
{
	int r = open_result(s, args->junit, &s->junit, e), down = 0;
	struct err late = ERR_INIT;

	r = r < 0 ? r : open_result(s, args->tap, &s->tap, e);
	r = r < 0 ? r : app_open(s->app, SWEEP_SOME, e);
	r = r < 0 ? r : open_lab(s, e);
	if (r)
		return r;
	r = test(s, e);
	if (s->ours)
		down = lab_down(s->app, s->lab.rec.name, &late);
	if (down >= 0)
		down = close_result(&s->junit, args->junit, &late);
	if (down >= 0)
		down = close_result(&s->tap, args->tap, &late);
	if (r < 0 || down >= 0)
		return r;
	*e = late;
	return down;
}

int cmd_lab_test(struct app *app, int argc, char **argv, struct err *e)
{
	struct test_args args = { 0 };
	_cleanup_(session_close) struct session s = {
		.app = app, .lab = LAB_INIT, .trial = LAB_TRIAL_INIT, .interrupt_fd = -1
	};
	int words = app_parse(app, &args, argc, argv, 1, -1, e), r = words;

	s.lines = !app->json;
	s.word = argv[0];
	s.names = argv + 1;
	s.n_names = words - 1;
	if (r >= 0)
		r = self_protect(app->argv, true, e);
	return r < 0 ? r : run(&s, &args, e);
}
