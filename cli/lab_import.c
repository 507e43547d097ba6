/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab import: a lab file made of GraphML, or of a topology in Mininet's words. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "net/topology.h"

#define GRAPHML_MAX (16UL * 1024 * 1024)

struct import_args {
	const char *name;
};

const struct opt lab_import_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct import_args, "name", 0, OPT_STR, "NAME", name,
		"of the lab (default: of the file)"),
	OPT_END,
};

/* A description in Mininet's words has a comma, or is one word that is no file's name. */
static bool is_file(const char *word)
{
	return strchr(word, '/') || strchr(word, '.') || !strcmp(word, "-");
}

static int import_file(const char *path, const char *name, FILE *f, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	const char *from = strcmp(path, "-") ? path : "/dev/stdin";
	size_t len;
	int r = file_read_at(AT_FDCWD, from, GRAPHML_MAX, &text, &len);

	if (r < 0)
		return err_sys(e, r, "%s", path);
	return topology_from_graphml(path, text, len, name, f, e);
}

int cmd_lab_import(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	struct import_args args = { 0 };
	size_t len;
	FILE *f;
	int r = app_parse(app, &args, argc, argv, 1, 1, e);

	if (r < 0)
		return r;
	f = open_memstream(&text, &len);
	if (!f)
		return err_sys(e, errno, "%s", argv[0]);
	/* all of it or nothing */
	r = is_file(argv[0]) ? import_file(argv[0], args.name, f, e)
			     : topology_from_mininet(argv[0], args.name, f, e);
	if (fclose(f) < 0 && r >= 0)
		r = err_sys(e, ENOMEM, "%s", argv[0]);
	if (r < 0)
		return r == -EINVAL || r == -ERANGE ? app_usage(app, r) : r;
	fputs(text, stdout);
	return 0;
}
