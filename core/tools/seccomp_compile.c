/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_compile LIST OUT.inc - compiles the system call filter, at build
 * time, for the architecture it is built for.
 *
 * The list's grammar is told in core/seccomp_default.list. Names become
 * numbers here, with libseccomp, so that a start needs neither names nor the
 * library. Written out are
 *   - the table: ranges of numbers with the capabilities that open them, and
 *     the argument checks;
 *   - the finished program for the default set of capabilities, which is what
 *     nearly every container installs.
 * For another set the same builder (core/seccomp_tree.c, included here as it
 * is) makes the program from the table at run time. The build fails when any
 * set of capabilities would give more than SECCOMP_MAX_INSNS instructions.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>

#include <seccomp.h>

#include "core/seccomp_tree.c"

#define ALWAYS	   UINT64_MAX /* section [always]: no capability needed */
#define CHECK_MAX  64
#define LINE_WORDS 32

struct filter {
	const char *file;
	unsigned line;
	uint32_t arch;
	const char *arch_name;
	uint64_t caps[NR_MAX]; /* any of; 0: not let through */
	int newest;
	uint64_t precompiled;
	struct sc_check check[CHECK_MAX];
	size_t n_checks;
};

enum section { S_NONE, S_CALLS, S_SKIP, S_ARGUMENTS, S_NEWEST, S_PRECOMPILED };

static void fail(const struct filter *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

static void fail(const struct filter *f, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u: ", f->file, f->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/*
 * The argument checks were thought through for these: little endian, clone's
 * flags in its first argument, one table of calls for the whole architecture.
 */
static void set_arch(struct filter *f)
{
	static const struct {
		uint32_t scmp;
		const char *name;
	} known[] = {
		{ SCMP_ARCH_X86_64, "x86_64" },
		{ SCMP_ARCH_AARCH64, "aarch64" },
		{ SCMP_ARCH_RISCV64, "riscv64" },
		{ SCMP_ARCH_PPC64LE, "ppc64le" },
	};

	f->arch = seccomp_arch_native(); /* libseccomp's tokens are AUDIT_ARCH_* */
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].scmp == f->arch) {
			f->arch_name = known[i].name;
			return;
		}
	}
	fail(f, "no filter for this architecture (0x%x) has been worked out", f->arch);
}

static uint64_t capability(const struct filter *f, const char *word)
{
	cap_value_t cap;

	if (strncmp(word, "CAP_", 4) != 0 || cap_from_name(word, &cap) < 0)
		fail(f, "unknown capability %s", word);
	return 1ULL << cap;
}

static uint32_t number(const struct filter *f, const char *word)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(word, &end, 0);
	if (errno || *end || end == word || v > UINT32_MAX || word[0] == '-')
		fail(f, "not a number: %s", word);
	return (uint32_t)v;
}

/* NAME or NAME=NUMBER; -1: not on this architecture. Cuts word at the '='. */
static int resolve(const struct filter *f, char *word)
{
	char *eq = strchr(word, '=');
	int nr, given = -1;

	if (eq) {
		*eq = '\0';
		given = (int)number(f, eq + 1);
	}
	nr = seccomp_syscall_resolve_name_arch(f->arch, word);
	if (nr == __NR_SCMP_ERROR && given < 0)
		fail(f, "unknown system call %s (a new one? NAME=NUMBER)", word);
	if (nr >= 0 && given >= 0 && nr != given)
		fail(f, "%s is %d, not %d", word, nr, given);
	if (nr == __NR_SCMP_ERROR)
		nr = given;
	if (nr >= NR_MAX)
		fail(f, "%s: number %d is out of range", word, nr);
	return nr < 0 ? -1 : nr;
}

static enum section section(struct filter *f, char **w, size_t n, uint64_t *caps)
{
	*caps = ALWAYS;
	if (n == 1 && strcmp(w[0], "always") == 0)
		return S_CALLS;
	if (n == 1 && strcmp(w[0], "arguments") == 0)
		return S_ARGUMENTS;
	if (n == 1 && strcmp(w[0], "newest") == 0)
		return S_NEWEST;
	if (n == 1 && strcmp(w[0], "precompiled") == 0)
		return S_PRECOMPILED;
	if (n == 2 && strcmp(w[0], "arch") == 0)
		return strcmp(w[1], f->arch_name) == 0 ? S_CALLS : S_SKIP;
	if (n != 1)
		fail(f, "unknown section");
	*caps = capability(f, w[0]);
	return S_CALLS;
}

static void add_call(struct filter *f, char *word, uint64_t caps)
{
	int nr = resolve(f, word);

	if (nr < 0)
		return;
	if (f->newest < 0 || nr > f->newest)
		fail(f, "%s is above [newest]", word);
	if (f->caps[nr] == ALWAYS || (f->caps[nr] & caps) == caps)
		fail(f, "%s is let through already", word);
	f->caps[nr] |= caps;
}

static uint32_t verdict(const struct filter *f, const char *word)
{
	if (strcmp(word, "allow") == 0)
		return SECCOMP_RET_ALLOW;
	if (strcmp(word, "eperm") == 0)
		return RET_EPERM;
	if (strcmp(word, "enosys") == 0)
		return RET_ENOSYS;
	if (strcmp(word, "notify") == 0)
		return SECCOMP_RET_USER_NOTIF;
	fail(f, "want allow, eperm, enosys or notify, not %s", word);
}

/* "any", "argN == V", "argN & M", "argN & M == V": returns the words used. */
static size_t test(const struct filter *f, char **w, size_t n, struct sc_check *c)
{
	size_t at = 1;

	c->mask = UINT32_MAX;
	if (n && strcmp(w[0], "any") == 0) {
		c->op = SC_ANY;
		return 1;
	}
	if (n < 3 || strncmp(w[0], "arg", 3) != 0 || w[0][3] < '0' || w[0][3] > '5' || w[0][4])
		fail(f, "want any or argN");
	c->arg = (uint8_t)(w[0][3] - '0');
	c->op = SC_BITS;
	if (strcmp(w[at], "&") == 0) {
		c->mask = number(f, w[at + 1]);
		at += 2;
	}
	if (at + 1 < n && strcmp(w[at], "==") == 0) {
		c->op = SC_EQ;
		c->value = number(f, w[at + 1]);
		at += 2;
	}
	if (at == 1 || c->value & ~c->mask)
		fail(f, "a test that never holds");
	return at;
}

static void add_check(struct filter *f, char **w, size_t n)
{
	struct sc_check c = { 0 };
	int nr = resolve(f, w[0]);
	size_t at = 1 + test(f, w + 1, n - 1, &c);

	if (at >= n)
		fail(f, "no verdict");
	c.verdict = verdict(f, w[at++]);
	if (at + 2 == n && strcmp(w[at], "unless") == 0) {
		if (strcmp(w[at + 1], "packet-sockets") == 0)
			c.unless_packet = true;
		else
			c.unless_caps = capability(f, w[at + 1]);
		at += 2;
	}
	if (at != n)
		fail(f, "unexpected word %s", w[at]);
	if (nr < 0)
		return;
	if (!f->caps[nr])
		fail(f, "%s is not let through at all", w[0]);
	for (size_t i = 0; i + 1 < f->n_checks; i++)
		if (f->check[i].nr == nr && f->check[f->n_checks - 1].nr != nr)
			fail(f, "the checks of %s must stand together", w[0]);
	if (f->n_checks == CHECK_MAX)
		fail(f, "more than %d checks", CHECK_MAX);
	c.nr = (uint16_t)nr;
	f->check[f->n_checks++] = c;
}

static void line(struct filter *f, char *text, enum section *s, uint64_t *caps)
{
	char *w[LINE_WORDS], *word;
	size_t n = 0;

	text[strcspn(text, "#\n")] = '\0';
	while ((word = strsep(&text, " \t[]"))) {
		if (!*word)
			continue;
		if (n == LINE_WORDS)
			fail(f, "more than %d words", LINE_WORDS);
		w[n++] = word;
	}
	if (!n)
		return;
	if (*s == S_NONE)
		fail(f, "%s stands before the first section", w[0]);
	if (*s == S_ARGUMENTS) {
		add_check(f, w, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (*s == S_CALLS)
			add_call(f, w[i], *caps);
		else if (*s == S_NEWEST)
			f->newest = resolve(f, w[i]);
		else if (*s == S_PRECOMPILED)
			f->precompiled |= capability(f, w[i]);
	}
}

static void header(struct filter *f, char *text, enum section *s, uint64_t *caps)
{
	char *w[LINE_WORDS], *word;
	size_t n = 0;

	text[strcspn(text, "]\n")] = '\0';
	text++;
	while ((word = strsep(&text, " \t")))
		if (*word && n < LINE_WORDS)
			w[n++] = word;
	if (!n)
		fail(f, "a section without name");
	*s = section(f, w, n, caps);
}

static void parse(struct filter *f, FILE *in)
{
	enum section s = S_NONE;
	uint64_t caps = ALWAYS;
	char *text = NULL;
	size_t size = 0;

	while (getline(&text, &size, in) >= 0) {
		f->line++;
		if (text[0] == '[')
			header(f, text, &s, &caps);
		else
			line(f, text, &s, &caps);
	}
	free(text);
	if (ferror(in))
		fail(f, "%s", strerror(errno));
	if (f->newest < 0)
		fail(f, "no [newest]");
}

static size_t ranges(const struct filter *f, struct sc_range *v)
{
	size_t n = 0;

	for (int nr = 0; nr <= f->newest; nr++) {
		uint64_t caps = f->caps[nr] & 1ULL << 63 ? 0 : f->caps[nr];

		if (!f->caps[nr])
			continue;
		if (n && v[n - 1].last + 1 == nr && v[n - 1].caps == caps)
			v[n - 1].last = (uint16_t)nr;
		else
			v[n++] = (struct sc_range){ (uint16_t)nr, (uint16_t)nr, caps };
	}
	return n;
}

/* All capabilities that change anything. */
static uint64_t relevant(const struct sc_table *t)
{
	uint64_t caps = 0;

	for (size_t i = 0; i < t->n_ranges; i++)
		caps |= t->range[i].caps;
	for (size_t i = 0; i < t->n_checks; i++)
		caps |= t->check[i].unless_caps;
	return caps;
}

/* Every subset of the relevant capabilities must give a program that is short enough. */
static int longest(const struct filter *f, const struct sc_table *t, uint64_t caps)
{
	struct sock_filter out[SECCOMP_MAX_INSNS];
	uint64_t set = 0;
	int worst = 0;

	do {
		for (int packet = 0; packet < 2; packet++) {
			const struct seccomp_want want = { set, packet, true };
			int n = sc_build(t, &want, out, SECCOMP_MAX_INSNS);

			if (n < 0)
				fail(f, "over %d instructions with capabilities 0x%llx",
				     SECCOMP_MAX_INSNS, (unsigned long long)set);
			if (n > worst)
				worst = n;
		}
		set = (set - caps) & caps; /* the next subset */
	} while (set);
	return worst;
}

static void write_table(FILE *out, const struct filter *f, const struct sc_table *t)
{
	fprintf(out, "static const struct sc_range default_ranges[] = {\n");
	for (size_t i = 0; i < t->n_ranges; i++)
		fprintf(out, "\t{ %u, %u, 0x%llxULL },\n", t->range[i].first, t->range[i].last,
			(unsigned long long)t->range[i].caps);
	fprintf(out, "};\n\nstatic const struct sc_check default_checks[] = {\n");
	for (size_t i = 0; i < t->n_checks; i++) {
		const struct sc_check *c = &t->check[i];

		fprintf(out, "\t{ %u, %u, %u, 0x%xU, 0x%xU, 0x%xU, 0x%llxULL, %d },\n", c->nr,
			c->op, c->arg, c->mask, c->value, c->verdict,
			(unsigned long long)c->unless_caps, c->unless_packet);
	}
	fprintf(out, "};\n\nstatic const struct sc_table default_table = {\n");
	fprintf(out, "\t.arch = 0x%xU,\n\t.newest = %d,\n", f->arch, f->newest);
	fprintf(out, "\t.range = default_ranges,\n\t.n_ranges = %zu,\n", t->n_ranges);
	fprintf(out, "\t.check = default_checks,\n\t.n_checks = %zu,\n};\n\n", t->n_checks);
}

static void write_program(FILE *out, const struct filter *f, const struct sc_table *t)
{
	struct sock_filter v[SECCOMP_MAX_INSNS];
	uint64_t caps = relevant(t);
	int worst = longest(f, t, caps);
	const struct seccomp_want want = { f->precompiled, false, true };
	int n = sc_build(t, &want, v, SECCOMP_MAX_INSNS);

	fprintf(out, "/* of the capabilities, those that matter, and the default's */\n");
	fprintf(out, "#define RELEVANT_CAPS 0x%llxULL\n", (unsigned long long)caps);
	fprintf(out, "#define PRECOMPILED_CAPS 0x%llxULL\n\n", (unsigned long long)f->precompiled);
	fprintf(out, "/* %d instructions; no set of capabilities needs more than %d */\n", n,
		worst);
	fprintf(out, "static const struct sock_filter default_program[] = {\n");
	for (int i = 0; i < n; i++)
		fprintf(out, "\t{ 0x%02x, %u, %u, 0x%x },\n", v[i].code, v[i].jt, v[i].jf, v[i].k);
	fprintf(out, "};\n");
}

int main(int argc, char **argv)
{
	static struct filter f = { .newest = -1 };
	static struct sc_range v[NR_MAX];
	struct sc_table t;
	FILE *in, *out;

	if (argc != 3) {
		fprintf(stderr, "usage: %s LIST OUT.inc\n", argv[0]);
		return 2;
	}
	f.file = argv[1];
	set_arch(&f);
	in = fopen(argv[1], "re");
	if (!in)
		fail(&f, "%s", strerror(errno));
	parse(&f, in);
	fclose(in);
	t = (struct sc_table){
		.arch = f.arch,
		.newest = (uint16_t)f.newest,
		.range = v,
		.n_ranges = ranges(&f, v),
		.check = f.check,
		.n_checks = f.n_checks,
	};
	out = fopen(argv[2], "we");
	if (!out)
		fail(&f, "%s: %s", argv[2], strerror(errno));
	fprintf(out, "/* Made from core/seccomp_default.list, for %s. */\n\n", f.arch_name);
	write_table(out, &f, &t);
	write_program(out, &f, &t);
	if (ferror(out) | fclose(out))
		fail(&f, "%s: %s", argv[2], strerror(errno));
	return 0;
}
