/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_monitor - events of `ctnet monitor` as JSON objects, whose keys are a
 * contract (docs/man/ctnet.8), and as lines made of them.
 */
#ifndef CT_CLI_NET_MONITOR_H
#define CT_CLI_NET_MONITOR_H

#include <jansson.h>
#include <stdbool.h>

struct ct_info;
struct monitor_event;

/* {object, event, ...}: the members that are known, in the order in which a line has them. */
json_t *net_monitor_event(const struct monitor_event *ev);
/* event: "created", "running", "exited", "removed" */
json_t *net_monitor_container(const struct ct_info *i, const char *event);
/* Its line on stdout; releases it. */
void net_monitor_print(json_t *event, bool json, bool timestamp);

#endif
