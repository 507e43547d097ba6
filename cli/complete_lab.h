/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * complete_lab - candidates for the words of ctlab's commands: labs, and what the file of
 * one has.
 */
#ifndef CT_CLI_COMPLETE_LAB_H
#define CT_CLI_COMPLETE_LAB_H

#include "cli/cmd.h"

struct app;

/* place words stand before this one; lab: the first of them. False: none of these kinds. */
bool complete_lab(struct app *app, enum cmd_words what, int place, const char *lab,
		  void (*offer)(const char *word, const char *candidate), const char *word);

#endif
