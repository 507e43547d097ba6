/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_status - words and JSON for what ctlab status shows.
 */
#ifndef CT_CLI_LAB_STATUS_H
#define CT_CLI_LAB_STATUS_H

#include <jansson.h>

#include "cli/lab_view.h"

/* "running" when every node is, else "degraded". */
const char *status_of(const struct lab_view *v);
const char *status_iface(const struct view_iface *x); /* "up", "no carrier", "down" */
const char *status_wire(const struct lab_view *v, uint32_t link); /* "stitched", "bridged" ... */
/* Both directions in a line, to be freed. */
char *status_impair(const struct topo_impair dirs[TOPO_DIRS]);
/* The command of a daemon; "" when the file has none of that number. */
const char *status_daemon_text(const struct lab_view *v, uint32_t node, uint32_t num);

/* The lab as an object; rates: with what passed the links while they were measured. */
json_t *status_json(const struct lab_view *v, bool rates);

#endif
