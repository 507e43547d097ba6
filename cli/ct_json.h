/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct_json - a container as the JSON object of `ct ps` and `ct inspect`; keys are a
 * contract (docs/man/ct.8).
 */
#ifndef CT_CLI_CT_JSON_H
#define CT_CLI_CT_JSON_H

#include <jansson.h>
#include <stdint.h>

struct ct_info;
struct net;

/* {id, name, status, pid, exit_code, created, command, networks, ports, health} */
json_t *ct_json(struct net *net, const struct ct_info *i);
/* The same where networks and ports were looked up for many; takes both over. */
json_t *ct_json_of(const struct ct_info *i, json_t *networks, json_t *ports);

/* What others chose, cleaned (cli/text.h): an array of a NULL-terminated vector. */
json_t *ct_json_words(char *const *words);
json_t *ct_json_word(const char *word); /* null for NULL and "" */
/* Nanoseconds since the epoch; null for 0. */
json_t *ct_json_time(int64_t ns);

#endif
