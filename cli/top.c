/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct top: the processes of a container. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/members.h"
#include "core/state.h"

#define COLUMNS_MAX 32
#define CELL_MAX    256

struct top_args {
	struct strv columns;
};

static int add_columns(void *member, const char *list, struct err *e)
{
	(void)e;
	return strv_split(member, list, ", ");
}

const struct opt top_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(
		struct top_args, "columns", 'o', "LIST", columns, add_columns,
		"only these: pid, cpid, ppid, uid, huid, state, time, rss, vsz, nlwp, comm, args"),
	OPT_END,
};

/* ---- columns ---- */

static void put_number(char *buf, size_t size, int64_t n)
{
	snprintf(buf, size, "%lld", (long long)n);
}

static void put_pid(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	put_number(buf, size, m->pid);
}

/* One that shares the host's namespace has the same there. */
static pid_t inside(const struct member *m)
{
	return m->inside ? m->inside : m->pid;
}

static void put_cpid(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	put_number(buf, size, inside(m));
}

static void put_ppid(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	put_number(buf, size, m->st.ppid);
}

static void put_uid(const struct member *m, const struct members *all, char *buf, size_t size)
{
	uint32_t uid = procfs_id_inside(&all->uids, m->st.uid);

	if (uid == UINT32_MAX)
		snprintf(buf, size, "?");
	else
		put_number(buf, size, uid);
}

static void put_huid(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	put_number(buf, size, m->st.uid);
}

static void put_state(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	snprintf(buf, size, "%c", m->st.state);
}

static void put_time(const struct member *m, const struct members *all, char *buf, size_t size)
{
	char text[TEXT_MAX];

	(void)all;
	snprintf(buf, size, "%s", text_cpu(m->st.cpu_ns, text));
}

static void put_rss(const struct member *m, const struct members *all, char *buf, size_t size)
{
	char text[TEXT_MAX];

	(void)all;
	snprintf(buf, size, "%s", text_size(member_memory(m), text));
}

static void put_vsz(const struct member *m, const struct members *all, char *buf, size_t size)
{
	char text[TEXT_MAX];

	(void)all;
	snprintf(buf, size, "%s", text_size(m->st.vsize, text));
}

static void put_nlwp(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	put_number(buf, size, m->st.threads);
}

static void put_comm(const struct member *m, const struct members *all, char *buf, size_t size)
{
	(void)all;
	snprintf(buf, size, "%s", m->st.comm);
	text_clean(buf, strlen(buf));
}

/* The arguments, or as ps(1) the name in brackets of who has none. */
static void put_args(const struct member *m, const struct members *all, char *buf, size_t size)
{
	size_t len = m->command_len < size - 1 ? m->command_len : size - 1;

	(void)all;
	if (!m->command || !len) {
		snprintf(buf, size, "[%s]", m->st.comm);
		text_clean(buf, strlen(buf));
		return;
	}
	memcpy(buf, m->command, len);
	while (len && !buf[len - 1])
		len--;
	buf[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (!buf[i])
			buf[i] = ' ';
	text_clean(buf, len);
}

/* The words of ps(1) -o, and those of others that mean the same; the first of a name shows it. */
static const struct column {
	const char *word, *head;
	void (*put)(const struct member *m, const struct members *all, char *buf, size_t size);
} columns[] = {
	{ "uid", "UID", put_uid },	 { "pid", "PID", put_pid },
	{ "cpid", "CPID", put_cpid },	 { "ppid", "PPID", put_ppid },
	{ "state", "STATE", put_state }, { "time", "TIME", put_time },
	{ "rss", "RSS", put_rss },	 { "args", "COMMAND", put_args },
	{ "huid", "HUID", put_huid },	 { "vsz", "VSZ", put_vsz },
	{ "nlwp", "NLWP", put_nlwp },	 { "comm", "COMM", put_comm },
	{ "cmd", "COMMAND", put_args },	 { "command", "COMMAND", put_args },
	{ "user", "UID", put_uid },	 { "hpid", "PID", put_pid },
	{ "stat", "STATE", put_state },	 { "s", "S", put_state },
	{ "cputime", "TIME", put_time }, { "thcount", "NLWP", put_nlwp },
	{ "huser", "HUID", put_huid },	 { "vsize", "VSZ", put_vsz },
	{ "ucmd", "COMM", put_comm },
};
#define DEFAULT_COLUMNS 8

static const char *column_word(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(columns) ? columns[i].word : NULL;
}

static int find_column(const char *word, const struct column **ret, struct err *e)
{
	const char *near;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!strcmp(columns[i].word, word)) {
			*ret = &columns[i];
			return 0;
		}
	near = str_nearest(word, column_word, NULL);
	r = err_set(e, EINVAL, "'%s' is no column", word);
	if (near)
		err_hint(e, "did you mean %s?", near);
	else
		err_hint(e, "uid, pid, cpid, ppid, state, time, rss, vsz, nlwp, comm, args, huid");
	return r;
}

static int choose(const struct strv *words, const struct column *ret[COLUMNS_MAX], size_t *ret_n,
		  struct err *e)
{
	*ret_n = words->n ? words->n : DEFAULT_COLUMNS;
	if (words->n > COLUMNS_MAX)
		return err_set(e, E2BIG, "at most %d columns", COLUMNS_MAX);
	for (size_t i = 0; i < *ret_n; i++) {
		int r = words->n ? find_column(words->v[i], &ret[i], e) : 0;

		if (r < 0)
			return r;
		if (!words->n)
			ret[i] = &columns[i];
	}
	return 0;
}

static void print_table(const struct members *all, const struct column *const chosen[], size_t n)
{
	const char *heads[COLUMNS_MAX], *cells[COLUMNS_MAX];
	char text[COLUMNS_MAX][CELL_MAX];
	struct out_table t;

	for (size_t c = 0; c < n; c++) {
		heads[c] = chosen[c]->head;
		cells[c] = text[c];
	}
	out_table_init(&t, heads, n);
	for (size_t i = 0; i < all->n; i++) {
		for (size_t c = 0; c < n; c++)
			chosen[c]->put(&all->v[i], all, text[c], sizeof(text[c]));
		out_table_row(&t, cells);
	}
	out_table_print(&t);
}

/* ---- JSON ---- */

static json_t *arguments(const struct member *m)
{
	json_t *all = json_array();

	for (const char *at = m->command; at && at < m->command + m->command_len;) {
		size_t len = strnlen(at, m->command_len - (size_t)(at - m->command));
		_cleanup_free_ char *word = strndup(at, len);

		if (word)
			text_clean(word, strlen(word));
		json_array_append_new(all, json_string(word));
		at += len + 1;
	}
	return all;
}

static json_t *member_json(const struct member *m, const struct members *all)
{
	uint32_t uid = procfs_id_inside(&all->uids, m->st.uid);
	char comm[CELL_MAX], state[2] = { m->st.state, '\0' };

	put_comm(m, all, comm, sizeof(comm));
	return json_pack("{s:i, s:i, s:i, s:o, s:I, s:s, s:I, s:I, s:I, s:I, s:s, s:o}", "pid",
			 (int)m->pid, "container_pid", (int)inside(m), "ppid", (int)m->st.ppid,
			 "uid", uid == UINT32_MAX ? json_null() : json_integer(uid), "host_uid",
			 (json_int_t)m->st.uid, "state", state, "cpu_ns", (json_int_t)m->st.cpu_ns,
			 "rss", (json_int_t)member_memory(m), "vsize", (json_int_t)m->st.vsize,
			 "threads", (json_int_t)m->st.threads, "name", comm, "command",
			 arguments(m));
}

static void print_json(const struct members *all)
{
	json_t *array = json_array();

	for (size_t i = 0; i < all->n; i++)
		json_array_append_new(array, member_json(&all->v[i], all));
	out_json(array);
}

static void args_free(struct top_args *a)
{
	strv_free(&a->columns);
}

int cmd_top(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_(args_free) struct top_args args = { .columns = { 0 } };
	_cleanup_(members_free) struct members all = { .n = 0 };
	const struct column *chosen[COLUMNS_MAX];
	struct ct_info ct = { 0 };
	size_t n = 0;
	int words = app_parse(app, &args, argc, argv, 1, -1, e), r = words;

	for (int i = 1; r >= 0 && i < words; i++)
		r = add_columns(&args.columns, argv[i], e);
	if (r >= 0) {
		r = choose(&args.columns, chosen, &n, e);
		if (r < 0)
			return app_usage(app, r);
		r = app_open(app, SWEEP_SOME, e);
	}
	if (r >= 0)
		r = state_find(app->root_fd, argv[0], &ct, e);
	if (r >= 0)
		r = members_load(&ct, true, &all, e);
	ct_info_free(&ct);
	if (r < 0)
		return r;
	if (app->json)
		print_json(&all);
	else
		print_table(&all, chosen, n);
	return 0;
}
