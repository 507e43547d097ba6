/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab graph: a picture of a lab for a program, a page or a browser. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_file.h"
#include "core/base/cleanup.h"

struct graph_args {
	enum topo_format format;
};

static const char *const formats[] = {
	[TOPO_DOT] = "dot",
	[TOPO_MERMAID] = "mermaid",
	[TOPO_SVG] = "svg",
	[TOPO_HTML] = "html",
};

static int set_format(void *member, const char *value, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(value, formats[i]))
			continue;
		*(enum topo_format *)member = (enum topo_format)i;
		return 0;
	}
	return err_set(e, EINVAL, "'%s' is not dot, mermaid, svg or html", value);
}

const struct opt lab_graph_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(struct graph_args, "format", 'f', "FORMAT", format, set_format,
		   "dot (default), mermaid, svg or html"),
	OPT_END,
};

int cmd_lab_graph(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct graph_args args = { .format = TOPO_DOT };
	int r = app_parse(app, &args, argc, argv, 1, 1, e);

	r = r < 0 ? r : lab_file_load(app, argv[0], &t, e);
	if (r < 0)
		return r;
	r = topology_graph(&t, args.format, stdout);
	return r < 0 ? err_sys(e, r, "%s", argv[0]) : 0;
}
