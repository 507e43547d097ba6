/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_json - parts of a lab as JSON, the same in every command that prints them.
 */
#ifndef CT_CLI_LAB_JSON_H
#define CT_CLI_LAB_JSON_H

#include <jansson.h>

#include "net/topology.h"

/* "r1:eth0"; iface is an index in t */
json_t *lab_end_json(const struct topology *t, uint32_t iface);
/* {"delay": "10ms", "loss": "1%"}: what is not zero of one direction */
json_t *lab_impair_json(const struct topo_impair *i);

#endif
