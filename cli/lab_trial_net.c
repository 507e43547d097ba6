/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests that ctlab does itself, with sockets in the nodes' namespaces. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/lab_trial.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/probe_icmp.h"

#define HOPS_MAX 64U
/* of loss: the questions are lost, too, each for a second */
#define SETTLE_TRIES 5

/* ---- echoes ---- */

/* "no answer", or who refused and why. */
static void say_silence(struct lab_yield *y, const struct probe_echo_result *r)
{
	char from[IP_STRLEN];

	if (!r->error)
		lab_say(y, "no answer");
	else if (ip_is_set(&r->from))
		lab_say(y, "refused by %s: %s", ip_str(&r->from, from),
			r->error == ETIME ? "time to live exceeded" : strerror(r->error));
	else
		lab_say(y, "not sent: %s", strerror(r->error));
}

/*
 * All neighbours on the way ask for each other before what is measured: the first
 * echo takes as long as their questions too, and a lost question is a second.
 */
static void settle(const struct probe_path *p, unsigned tries)
{
	const struct probe_echo one = { .count = 1 };
	struct probe_echo_result got = { 0 };

	while (tries-- && !got.received)
		if (probe_echo(p, &one, &got, NULL) < 0)
			return;
}

static int echo(struct lab_trial *x, const struct topo_test *t, const struct probe_echo *o,
		unsigned tries, struct probe_echo_result *ret, struct lab_yield *y, struct err *e)
{
	struct probe_path p;
	int r = trial_path(x, &t->from, &t->to, t->family, &p, e);

	if (r >= 0)
		settle(&p, tries);
	r = r < 0 ? r : probe_echo(&p, o, ret, e);
	if (r < 0)
		return r;
	y->ok = ret->received;
	if (!y->ok)
		say_silence(y, ret);
	return 0;
}

int trial_ping(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	const struct probe_echo o = { .count = t->count ? t->count : 3 };
	struct probe_echo_result got;
	char buf[LAB_VALUE_MAX];
	int r = echo(x, t, &o, 0, &got, y, e);

	if (r >= 0 && y->ok)
		lab_say(y, "%u of %u answered, rtt %s", got.received, got.sent,
			lab_value(TOPO_UNIT_NS, (int64_t)got.rtt_avg, buf));
	return r;
}

int trial_rtt(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	const struct probe_echo o = { .count = t->count ? t->count : 10 };
	char avg[LAB_VALUE_MAX], min[LAB_VALUE_MAX], max[LAB_VALUE_MAX];
	struct probe_echo_result got;
	int r = echo(x, t, &o, 1, &got, y, e);

	if (r < 0 || !y->ok)
		return r;
	y->has_value = true;
	y->value = (int64_t)got.rtt_avg;
	lab_say(y, "rtt %s (%s..%s), %u of %u answered", lab_value(TOPO_UNIT_NS, y->value, avg),
		lab_value(TOPO_UNIT_NS, (int64_t)got.rtt_min, min),
		lab_value(TOPO_UNIT_NS, (int64_t)got.rtt_max, max), got.received, got.sent);
	return 0;
}

/* Far enough apart not to fill the queue of a slow link. */
int trial_loss(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	const struct probe_echo o = { .count = t->count ? t->count : 500,
				      .interval = 2 * PROBE_MS };
	struct probe_echo_result got;
	char buf[LAB_VALUE_MAX];
	int r = echo(x, t, &o, SETTLE_TRIES, &got, y, e);

	if (r < 0)
		return r;
	y->has_value = true;
	y->value = (int64_t)((uint64_t)(got.sent - got.received) * TOPO_SHARE_ALL / got.sent);
	lab_say(y, "loss %s (%u of %u)", lab_value(TOPO_UNIT_SHARE, y->value, buf),
		got.sent - got.received, got.sent);
	return 0;
}

int trial_ttl(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	const struct probe_echo o = { .count = t->count ? t->count : 3 };
	struct probe_echo_result got;
	int r = echo(x, t, &o, 0, &got, y, e);

	if (r < 0 || !y->ok)
		return r;
	y->has_value = true;
	y->value = got.ttl * 1000000LL;
	lab_say(y, "ttl %u", got.ttl);
	return 0;
}

int trial_pmtu(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	struct err refused = ERR_INIT;
	struct probe_path p;
	uint32_t mtu;
	int r = trial_path(x, &t->from, &t->to, t->family, &p, e);

	if (r < 0)
		return r;
	if (probe_pmtu(&p, &mtu, &refused) < 0) {
		lab_say(y, "%s", refused.msg);
		return 0;
	}
	y->ok = y->has_value = true;
	y->value = mtu * 1000000LL;
	lab_say(y, "path MTU %u", mtu);
	return 0;
}

int trial_trace(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	struct ip_addr hops[HOPS_MAX];
	struct err refused = ERR_INIT;
	struct probe_path p;
	char buf[IP_STRLEN];
	size_t n = 0, size;
	FILE *f;
	int r = trial_path(x, &t->from, &t->to, t->family, &p, e);

	if (r < 0)
		return r;
	r = probe_trace(&p, hops, HOPS_MAX, &n, &refused);
	y->ok = r > 0;
	f = open_memstream(&y->text, &size);
	if (!f)
		return err_sys(e, ENOMEM, "trace");
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s", i ? " " : "", ip_is_set(&hops[i]) ? ip_str(&hops[i], buf) : "*");
	if (fclose(f))
		return err_sys(e, ENOMEM, "trace");
	if (r < 0)
		lab_say(y, "%s", refused.msg);
	else
		lab_say(y, "%s%s", n ? y->text : "no answer",
			y->ok || !n ? "" : ", and no further");
	return 0;
}

/* ---- all pairs ---- */

/* Without a family: IPv4, unless one has only IPv6. */
static uint8_t common_family(const struct lab_trial *x, const struct topo_test *t)
{
	struct ip_addr a;

	if (t->family)
		return t->family;
	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct topo_target n = { .node = t->nodes[i], .iface = TOPO_NONE };

		if (!topology_target_addr(x->t, &n, AF_INET, &a))
			return AF_INET6;
	}
	return AF_INET;
}

/* A namespace and a socket for each host; the process is that of one test. */
static void allow_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static int find_hosts(struct lab_trial *x, const struct topo_test *t, struct probe_host *ret,
		      struct err *e)
{
	uint8_t family = common_family(x, t);

	allow_descriptors();
	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct topo_target n = { .text = x->t->nodes[t->nodes[i]].name,
					       .node = t->nodes[i],
					       .iface = TOPO_NONE };

		ret[i].netns_fd = trial_netns(x, t->nodes[i], e);
		if (ret[i].netns_fd < 0)
			return ret[i].netns_fd;
		if (!topology_target_addr(x->t, &n, family, &ret[i].addr))
			return err_set(e, EADDRNOTAVAIL, "%s has no IPv%s address", n.text,
				       family == AF_INET ? "4" : "6");
	}
	return 0;
}

/* Which ones, as long as there is room to say it. */
static void say_pairs(const struct lab_trial *x, const struct topo_test *t, const uint8_t *ok,
		      size_t answered, struct lab_yield *y)
{
	const size_t n = t->n_nodes;
	size_t len, told = 0;

	lab_say(y, "%zu of %zu pairs", answered, n * (n - 1));
	for (size_t i = 0; i < n * n && answered < n * (n - 1); i++) {
		if (ok[i] || i / n == i % n)
			continue;
		len = strlen(y->said);
		if (told++ == 4 || len > sizeof(y->said) - 160) {
			snprintf(y->said + len, sizeof(y->said) - len, " ...");
			return;
		}
		snprintf(y->said + len, sizeof(y->said) - len, "%s%.60s > %.60s",
			 told == 1 ? "; silent: " : ", ", x->t->nodes[t->nodes[i / n]].name,
			 x->t->nodes[t->nodes[i % n]].name);
	}
}

/* A link that loses some is no reason to say that somebody cannot be reached: three times. */
int trial_pingall(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y,
		  struct err *e)
{
	const size_t n = t->n_nodes, all = n ? n * (n - 1) : 0;
	_cleanup_free_ struct probe_host *hosts = calloc(n + 1, sizeof(*hosts));
	_cleanup_free_ uint8_t *seen = calloc(n * n + 1, 1);
	size_t answered = 0;
	int r = hosts && seen ? find_hosts(x, t, hosts, e) : err_sys(e, ENOMEM, "pingall");

	for (uint32_t k = 0; r >= 0 && k < (t->count ? t->count : 3) && answered < all; k++) {
		_cleanup_free_ uint8_t *ok = NULL;

		r = probe_pairs(hosts, n, PROBE_S, &ok, e);
		answered = 0;
		for (size_t i = 0; r >= 0 && i < n * n; i++)
			answered += seen[i] |= ok[i];
	}
	if (r < 0)
		return r;
	y->ok = answered == all;
	y->has_value = true;
	y->value = TOPO_SHARE_ALL;
	if (answered < all)
		y->value = (int64_t)((uint64_t)answered * TOPO_SHARE_ALL / all);
	say_pairs(x, t, seen, answered, y);
	return 0;
}

/* ---- rates ---- */

static int rate(struct lab_trial *x, const struct topo_test *t, bool udp, struct lab_yield *y,
		struct err *e)
{
	const uint32_t seconds = t->seconds ? t->seconds : 2;
	struct err refused = ERR_INIT;
	uint64_t bps = 0, want = 0;
	char buf[LAB_VALUE_MAX];
	struct probe_path p;
	uint32_t owner;
	int r = trial_path(x, &t->from, &t->to, t->family, &p, e), to;

	if (r < 0)
		return r;
	owner = t->to.node != TOPO_NONE ? t->to.node : trial_owner(x, &p.dst);
	if (owner == TOPO_NONE)
		return err_set(e, EADDRNOTAVAIL, "no node has the address %s", t->to.text);
	to = trial_netns(x, owner, e);
	if (to < 0)
		return to;
	/* enough to see that there is not more: a flood would only take the processor */
	if (t->expect.what == TOPO_EXPECT_RANGE && t->expect.high < 1000000000)
		want = (uint64_t)t->expect.high * 3 / 2 + 1000000;
	r = udp ? probe_udp_rate(&p, to, seconds, want, &bps, &refused)
		: probe_tcp_rate(&p, to, seconds, &bps, &refused);
	y->ok = r >= 0 && bps;
	y->has_value = true;
	y->value = (int64_t)bps;
	if (r < 0)
		lab_say(y, "%s", refused.msg);
	else
		lab_say(y, "%s", lab_value(TOPO_UNIT_BPS, y->value, buf));
	return 0;
}

int trial_tcp_rate(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y,
		   struct err *e)
{
	return rate(x, t, false, y, e);
}

int trial_udp_rate(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y,
		   struct err *e)
{
	return rate(x, t, true, y, e);
}
