/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab_host_real - names and marks that the beginning and the end of the host's part share. */
#ifndef CT_CLI_LAB_HOST_REAL_H
#define CT_CLI_LAB_HOST_REAL_H

#include "cli/lab_host.h"

/* Marks in the lab's directory: who has none has nothing that an end would look for. */
#define LAB_HOST_FILE "host"
#define LAB_LENT_FILE "lent"

/* "lab-ID-", and the owner of what a node, or a net, has: the same for the same name. */
#define LAB_OWNER_LEN 48
void lab_host_prefix(const struct lab_record *rec, char buf[LAB_OWNER_LEN]);
void lab_host_owner(const struct lab_record *rec, const char *what, const char *name,
		    char buf[LAB_OWNER_LEN]);

/* "lab" and the id: as long as a network's name may be. */
#define LAB_NETWORK_PREFIX "lab"
void lab_host_network(const struct lab_record *rec, char buf[NAME_MAX_IF + 1]);
#define LAB_LABEL      "lab="
#define LAB_LABEL_ROOT "lab-root="

#endif
