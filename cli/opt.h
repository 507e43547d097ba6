/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opt - options as tables: one row gives the name, the help text, the type
 * and the member of the command's argument struct it fills.
 *
 * Not getopt_long: it accepts any unambiguous prefix of a long option, so a
 * script that says --ip would change its meaning the day --ip-range comes.
 */
#ifndef CT_CLI_OPT_H
#define CT_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>

struct err;

enum opt_type {
	OPT_FLAG, /* bool: set to true */
	OPT_NOFLAG, /* bool: set to false */
	OPT_STR, /* const char *: borrowed from argv */
	OPT_STRV, /* struct strv: appended, repeatable */
	OPT_U32, /* uint32_t, decimal */
	OPT_SIZE, /* uint64_t, bytes with a unit */
	OPT_CPUS, /* uint32_t, thousandths */
	OPT_FN, /* .set is called with the member, repeatable */
	OPT_TABLE, /* not an option: the rows of .table stand here, for the struct at the member */
};

struct opt {
	const char *name; /* without the dashes; a heading when type is OPT_FLAG and help NULL */
	char letter; /* 0: none */
	enum opt_type type;
	const char *arg; /* its word in the help; NULL: takes none; "[X]": only as =X */
	size_t offset; /* of the member in the argument struct */
	const char *help;
	int (*set)(void *member, const char *value, struct err *e);
	const struct opt *table; /* of OPT_TABLE */
};

/*
 * Rows of a table: a heading; another table, for the same struct or for one that is
 * its member; an option that fills a member of the struct S; one whose function gets
 * that member, or the whole struct.
 */
#define OPT_HEADING(text)                        \
	{                                        \
		.name = (text), .type = OPT_FLAG \
	}
#define OPT_INCLUDE(rows)                                      \
	{                                                      \
		.name = "", .type = OPT_TABLE, .table = (rows) \
	}
#define OPT_INCLUDE_AT(s, member, rows)                                                       \
	{                                                                                     \
		.name = "", .type = OPT_TABLE, .offset = offsetof(s, member), .table = (rows) \
	}
#define OPT_ROW(s, name_, letter_, type_, arg_, member, help_)                        \
	{                                                                             \
		.name = (name_), .letter = (letter_), .type = (type_), .arg = (arg_), \
		.offset = offsetof(s, member), .help = (help_)                        \
	}
#define OPT_ROW_FN(s, name_, letter_, arg_, member, fn, help_)                       \
	{                                                                            \
		.name = (name_), .letter = (letter_), .type = OPT_FN, .arg = (arg_), \
		.offset = offsetof(s, member), .help = (help_), .set = (fn)          \
	}
#define OPT_ALL_FN(name_, letter_, arg_, fn, help_)                                  \
	{                                                                            \
		.name = (name_), .letter = (letter_), .type = OPT_FN, .arg = (arg_), \
		.help = (help_), .set = (fn)                                         \
	}
#define OPT_END              \
	{                    \
		.name = NULL \
	}

/* Goes through a table, headings and the tables in it too; NULL at the end. */
struct opt_walk {
	const struct opt *at, *back;
	size_t base; /* offset of the struct that the row's members are of */
};
const struct opt *opt_next(struct opt_walk *w);
bool opt_is_heading(const struct opt *o);

/*
 * Parses argv[0..argc-1] (no program name) with two tables: the command's own
 * (into args) and the common one (into common); the first wins. Options may
 * stand anywhere unless stop_at_words, and "--" ends them. The words that are
 * left are moved to the front of argv in order; returns their count or
 * -EINVAL with a message and a suggestion.
 */
struct opt_set {
	const struct opt *own, *common;
	void *args, *common_args;
	bool stop_at_words;
};
int opt_parse(const struct opt_set *set, int argc, char **argv, struct err *e);

/* Prints a table as help text. */
void opt_help(const struct opt *table);

#endif
