/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_build - what the parts of topology (net/topology_*.c) share while a
 * lab file becomes a topology: memory, look-ups by name, the problems found so
 * far, and keys as tables. Nobody else includes it.
 */
#ifndef CT_NET_TOPOLOGY_BUILD_H
#define CT_NET_TOPOLOGY_BUILD_H

#include "core/base/err.h"
#include "core/base/str.h"
#include "net/topology.h"

/* ---- memory: freed as a whole ---- */

struct topo_block {
	struct topo_block *next;
	size_t used, size;
	_Alignas(16) char bytes[];
};

/* Open addressing; a slot holds an index into the array of its kind. */
enum topo_what { TOPO_NODES, TOPO_LINKS, TOPO_NETS, TOPO_PROFILES, TOPO_IFACES, TOPO_WHATS };
struct topo_index {
	uint32_t *slots;
	size_t size, n;
};

struct topo_data {
	struct topo_block *blocks;
	struct topo_index index[TOPO_WHATS];
	struct ini ini;
};

/* One group of entries of the file: [section], header first. */
struct topo_section {
	const struct ini_entry *head; /* its keys follow it */
	size_t n; /* keys */
	const char *name; /* behind the dot, or "" */
	const struct topo_section *above; /* a kind's kind=, when that has a section */
};

struct topo_build {
	struct topology *t;
	struct topo_problems *problems;
	const struct ini *ini;
	struct topo_section *sections;
	size_t n_sections;
	bool *bad; /* by entry: reported already */
	bool oom, quiet; /* quiet: a generator's second look at its keys */
	unsigned suggestions;

	/* while a key is set */
	const struct ini_entry *at;
	const char *key; /* its name */
	const char *tail; /* of "mac.eth0": "eth0" */
	uint32_t num; /* of "exec.3": 3 */
};

/* Zeroed; NULL, and b->oom, when there is none left. */
void *topo_alloc(struct topo_build *b, size_t size);
const char *topo_keep(struct topo_build *b, const char *s, size_t len);
const char *topo_printf(struct topo_build *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* One more zeroed element at the end of an array of *n; NULL as above. */
void *topo_grow(struct topo_build *b, void *array, size_t *n, size_t size);
#define TOPO_ADD(b, array, n) ((__typeof__(array))topo_grow((b), &(array), &(n), sizeof(*(array))))
void topo_data_free(struct topo_data *d);

/* ---- names ---- */

void topo_index_add(struct topo_build *b, enum topo_what what, uint32_t i);
uint32_t topo_index_find(const struct topology *t, enum topo_what what, const char *name);
/* [a-z0-9][a-z0-9_-]*, at most 63 bytes. */
int topo_name_check(const char *what, const char *name, struct err *e);
int topo_ifname_check(const char *name, struct err *e);
/* *ret: the comma of "IF,move-virtual", NULL where there is none; -EINVAL: another word. */
int topo_split_virtual(const char *value, const char **ret, struct err *e);
/* The object of that name; an error with a suggestion otherwise. */
int topo_find(struct topo_build *b, enum topo_what what, const char *name, uint32_t *ret,
	      struct err *e);
int topo_find_iface(struct topo_build *b, uint32_t node, const char *name, uint32_t *ret,
		    struct err *e);

/* ---- problems ---- */

/* "FILE:LINE:COL: KEY: ..." of the entry; e is consumed. */
void topo_blame(struct topo_build *b, const struct ini_entry *at, struct err *e);
/* "FILE:LINE:COL: ..." */
void topo_blame_pos(struct topo_build *b, struct topo_pos at, struct err *e);
void topo_warn(struct topo_build *b, struct topo_pos at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void topo_problems_sort(struct topo_problems *p);

/* ---- keys: a row tells the name and what takes the value ---- */

typedef int topo_set_fn(struct topo_build *b, void *member, const char *value, struct err *e);
struct topo_key {
	const char *name; /* "x", "x.#" (numbered), "x.*" */
	topo_set_fn *set; /* NULL: read elsewhere */
	size_t offset;
};
const struct topo_key *topo_key_find(const struct topo_key *keys, const char *name,
				     const char **ret_tail);
/* Sets one entry, or a word of a short form in its place. */
int topo_key_set(struct topo_build *b, const struct topo_key *keys, void *object,
		 const struct ini_entry *at, const char *key, const char *value, struct err *e);
/* The entry of a key in a section; NULL. */
const struct ini_entry *topo_entry(const struct topo_section *s, const char *key);
const struct topo_section *topo_section_of(const struct topo_build *b, const char *kind,
					   const char *name);
struct topo_pos topo_pos(const struct ini_entry *at);
/* Where [KIND.NAME] has this key, or else this. Looks through the file: for errors only. */
struct topo_pos topo_pos_of(const struct topo_build *b, const char *kind, const char *name,
			    const char *key, struct topo_pos otherwise);

/* Whole schema; unknown sections and keys are reported. */
void topo_check_schema(struct topo_build *b);
extern const struct topo_key topo_lab_keys[], topo_node_keys[], topo_link_keys[], topo_net_keys[],
	topo_impair_keys[], topo_gen_keys[], topo_test_keys[], topo_scenario_keys[];

/* The rows of the parameters of impair_set; member: the struct topo_impair of both directions. */
#define TOPO_IMPAIR_ROW(name, where)                                              \
	{ name, topo_set_impair, where }, { name ".ab", topo_set_impair, where }, \
	{                                                                         \
		name ".ba", topo_set_impair, where                                \
	}
#define TOPO_IMPAIR_ROWS(where)                                                   \
	TOPO_IMPAIR_ROW("rate", where), TOPO_IMPAIR_ROW("delay", where),          \
		TOPO_IMPAIR_ROW("jitter", where), TOPO_IMPAIR_ROW("loss", where), \
		TOPO_IMPAIR_ROW("dup", where), TOPO_IMPAIR_ROW("reorder", where), \
		TOPO_IMPAIR_ROW("corrupt", where), TOPO_IMPAIR_ROW("queue", where)

/* Setters that several tables have. */
topo_set_fn topo_set_str, topo_set_bool, topo_set_mtu, topo_set_time, topo_set_impair,
	topo_set_route;
/* Members that are lists: appended to. host: ADDR alone has its full length. */
int topo_add_prefixes(struct topo_build *b, struct ip_prefix **v, size_t *n, const char *value,
		      bool host, struct err *e);
/* "none", or subnets. */
int topo_add_subnets(struct topo_build *b, struct ip_prefix **v, size_t *n, bool *none,
		     const char *value, struct err *e);
/* Splits a list at blanks and commas. */
int topo_list(const char *value, struct strv *ret);
int topo_no_memory(struct topo_build *b, struct err *e);

/* ---- the parts, in the order in which topology_parse calls them ---- */

void topo_read_lab(struct topo_build *b);
void topo_read_profiles(struct topo_build *b);
void topo_read_nodes(struct topo_build *b); /* with those of generators */
void topo_read_wires(struct topo_build *b); /* nets, links, generated links, phys */
void topo_read_addresses(struct topo_build *b); /* MACs, segments, automatic addresses */
void topo_address_open(struct topo_build *b); /* the last of it */
void topo_read_routes(struct topo_build *b); /* gateways; every next hop is reachable */
void topo_read_tests(struct topo_build *b);
void topo_read_scenarios(struct topo_build *b);
void topo_check(struct topo_build *b); /* what concerns the whole */

/* ---- single steps ---- */

struct topo_node *topo_node_new(struct topo_build *b, const char *name, const char *kind,
				const struct ini_entry *at, bool generated);
uint32_t topo_iface_new(struct topo_build *b, uint32_t node, const char *name, struct topo_pos at,
			struct err *e);
/* A wire between two nodes: of [link.N], of [links], of a generator. */
struct topo_wire_spec {
	const char *name;
	const struct ini_entry *at;
	uint32_t nodes[2];
	const char *ifs[2];
	struct ip_prefix addrs[2][2]; /* of a generator: of end a, of end b; unset: none */
	const struct topo_section *section; /* its keys, or NULL */
	const struct strv *words; /* key=value ..., or NULL */
	bool generated, no_subnet;
};
/* After an error b->at is the entry that it concerns. */
int topo_wire_add(struct topo_build *b, const struct topo_wire_spec *s, struct err *e);
void topo_read_link(struct topo_build *b, const struct topo_section *sec);
void topo_read_short_links(struct topo_build *b, const struct topo_section *sec);
int topo_addr_add(struct topo_build *b, uint32_t iface, const struct ip_prefix *a);
int topo_impair_use(struct topo_build *b, struct topo_impair dirs[TOPO_DIRS], const char *profile,
		    struct err *e);
int topo_target_parse(struct topo_build *b, const char *text, struct topo_target *ret,
		      struct err *e);
/* "X", "A..B", "X +-Y" in the unit of a type, into low and high; -EINVAL, -ERANGE. */
int topo_range_parse(const char *text, enum topo_unit unit, struct topo_expect *x, struct err *e);
/* An extended expression of POSIX; -EINVAL says what is wrong with it. */
int topo_regex_check(const char *text, struct err *e);
/* The words of `needs`, added to *needs. */
int topo_needs_parse(struct topo_build *b, const char *value, const char ***needs, size_t *n,
		     struct err *e);

/* A generator is run twice: for its nodes, and for its links when all nodes are known. */
enum topo_pass { TOPO_PASS_NODES, TOPO_PASS_LINKS };
void topo_generate(struct topo_build *b, const struct topo_section *s, enum topo_pass pass);

#endif
