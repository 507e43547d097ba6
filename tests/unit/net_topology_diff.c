/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies between two labs: every key of the format, each kind of change, mutations. */
#include "net/topology_diff.h"

#include "net/topology_build.h"
#include "tests/unit/net_topology_fixture.h"

static void diff(const struct topology *o, const struct topo_standing *s, const struct topology *n,
		 struct topo_diff *ret)
{
	assert_int_equal(topology_diff(o, s, n, ret), 0);
}

/* All of it as lines, to compare and to print. */
static char *lines(const struct topo_diff *d)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	for (size_t i = 0; i < d->n; i++)
		fprintf(f, "%s %s\n", topo_change_word(d->v[i].what), d->v[i].text);
	assert_int_equal(fclose(f), 0);
	return text;
}

static char *lines_of(const char *was, const char *is)
{
	_cleanup_topology_ struct topology o = { 0 }, n = { 0 };
	struct topo_diff d = { 0 };
	char *text;

	lab(was, &o);
	lab(is, &n);
	diff(&o, NULL, &n, &d);
	text = lines(&d);
	topology_diff_free(&d);
	return text;
}

/* ---- every key ---- */

static const char base[] =
	"[lab]\nname = x\n"
	"[impair.p]\n[impair.used]\ndelay = 1ms\n[kind.own]\nkind = router\n"
	"[node.a]\ncpus = 2\ncpuset = 0-1\n[node.b]\n"
	"[node.s]\nkind = switch\n[node.t]\nkind = switch\n"
	"[node.x]\nkind = nat\n"
	"[net.n]\nsubnet = 10.1.0.0/24\nmembers = a:eth0 b:eth0 s:lan\n[net.m]\nsubnet = none\n"
	"[link.l]\nends = a:eth1 b:eth1\n"
	"[link.trunk]\nends = s:p1 t:p1\n"
	"[link.port]\nends = b:eth2 s:p2\nimpair = used\n"
	"[gen.g]\ntype = ring\nn = 3\nprefix = g-\n"
	"[test.t]\ntype = pingall\n[test.u]\ntype = exec\nnode = a\ncmd = true\n"
	"[test.v]\ntype = rtt\nfrom = a\nto = b\nexpect = 1ms\n"
	"[scenario.s]\nstep.1 = sleep 1s\n";

/*
 * A line put into a section, in place of that key's if it is there; the lines that
 * come of it: of which the given one is one.
 */
static const struct {
	const char *section, *line, *is;
} keys[] = {
	{ "lab", "seed = 7", "change-file lab: seed 0 -> 7" },
	{ "lab", "seed = 7", "add-link link l: a:eth1 b:eth1, anew: another MAC" },
	{ "lab", "ipv4-pool = 10.99.0.0/16", "change-node node a: eth1 10.99.0.0/31 added" },
	{ "lab", "ipv6-pool = fd99::/48", "change-file lab: ipv6-pool none -> fd99::/48" },
	{ "lab", "mtu = 1400", "change-mtu a:eth1: mtu default -> 1400" },
	{ "lab", "mtu = 1400", "change-file lab: mtu none -> 1400" },
	{ "lab", "unsupported = warn", "change-file lab: unsupported fail -> warn" },
	{ "lab", "wait = 2s", "change-file lab: wait none -> 2s" },
	{ "lab", "hosts-file = no", "replace-node node a: starts anew: hosts-file yes -> no" },
	{ "impair.used", "delay = 2ms", "change-impair link port: delay 1ms -> 2ms" },
	{ "impair.p", "loss = 1%", "change-file impair p  /  -> loss 1% / loss 1%" },

	{ "node.a", "kind = router",
	  "replace-node node a: starts anew: behaves as host -> router" },
	{ "node.x", "kind = switch", "del-node node x" },
	{ "node.x", "kind = switch", "add-node node x: switch" },
	{ "node.x", "kind = own", "replace-node node x: starts anew: behaves as nat -> router" },
	{ "node.a", "rootfs = /srv/a", "replace-node node a: starts anew: rootfs none -> /srv/a" },
	{ "node.a", "mount.1 = /srv:/mnt:ro",
	  "replace-node node a: starts anew: mount.1 none -> /srv:/mnt:ro" },
	{ "node.a", "tmpfs.1 = /x:size=1M",
	  "replace-node node a: starts anew: tmpfs.1 none -> \"/x:size=1M\"" },
	{ "node.a", "env.1 = A=1", "replace-node node a: starts anew: env.1 none -> \"A=1\"" },
	{ "node.a", "user = 7", "replace-node node a: starts anew: user none -> 7" },
	{ "node.a", "caps = +SYS_TIME",
	  "replace-node node a: starts anew: caps none -> +SYS_TIME" },
	{ "node.a", "hostname = h", "replace-node node a: starts anew: hostname none -> h" },
	{ "node.a", "hostname = h", "change-names names in /etc/hosts" },
	{ "node.a", "cpus = 0.5", "change-limits node a: cpus 2.000 -> 0.500" },
	{ "node.b", "cpu = 0.5", "replace-node node b: starts anew: it had no limits" },
	{ "node.a", "cpuset = 0", "change-limits node a: cpuset 0-1 -> 0" },
	{ "node.a", "memory = 64M", "change-limits node a: memory none -> 64M" },
	{ "node.a", "pids = 9", "change-limits node a: pids none -> 9" },
	{ "node.a", "sysctl.1 = net.ipv4.ip_forward=1",
	  "change-node node a: sysctl net.ipv4.ip_forward none -> 1" },
	{ "node.a", "lo = 10.9.9.9", "change-node node a: lo 10.9.9.9/32 added" },
	{ "node.a", "lo = 10.9.9.9", "change-names names in /etc/hosts" },
	{ "node.a", "route.1 = default via 10.1.0.2",
	  "change-node node a: route default via 10.1.0.2 added" },
	{ "node.a", "exec.3 = ls", "run-exec node a: exec.3 none -> \"ls\"" },
	{ "node.a", "daemon.2 = top", "change-daemon node a: daemon.2 none -> \"top\"" },
	{ "node.a", "stop.2 = top", "change-stop node a: stop.2 none -> \"top\"" },
	{ "node.a", "ready = true", "change-file node a: ready none -> true, at its next start" },
	{ "node.a", "ready-wait = 3s",
	  "change-file node a: ready-wait none -> 3s, at its next start" },
	{ "node.a", "after = b", "change-file node a: after b added, at its next start" },
	{ "node.a", "publish.1 = 8080:80", "change-host node a: publish 8080:80 added" },
	{ "node.x", "uplink = host", "change-host node x: uplink none -> host" },
	{ "node.x", "masquerade = 10.0.0.0/8", "change-node node x: masquerade 10.0.0.0/8 added" },
	{ "node.a", "phys.1 = enp3:phy0", "change-host node a: phys.1 none -> enp3:phy0" },
	{ "node.a", "mac.eth1 = 02:00:00:00:00:01", "del-link link l: another MAC" },
	{ "node.a", "mac.eth0 = 02:00:00:00:00:01", "add-member member a:eth0 of net n" },
	{ "node.s", "stp = yes", "change-bridge node s: stp no -> yes" },
	{ "node.s", "mtu = 1400", "change-bridge node s: mtu default -> 1400" },
	{ "node.a", "mtu = 1400", "change-mtu a:eth0: mtu default -> 1400" },

	{ "net.n", "subnet = 10.2.0.0/24", "change-node node a: eth0 10.1.0.1/24 gone" },
	{ "net.m", "subnet = 10.2.0.0/24", "change-file net m: subnet 10.2.0.0/24 added" },
	{ "net.n", "members = a:eth0 s:lan", "del-member member b:eth0 of net n" },
	{ "net.m", "members.1 = a:eth7", "add-member member a:eth7 of net m" },
	{ "net.n", "gateway = a", "change-file net n: gateway none -> a" },
	{ "net.n", "gateway = a", "change-node node b: route default via 10.1.0.1 dev eth0 added" },
	{ "net.n", "stp = yes", "change-bridge net n: stp no -> yes" },
	{ "net.n", "mtu = 1400", "change-bridge net n: mtu default -> 1400" },
	{ "net.n", "mtu = 1400", "change-mtu b:eth0: mtu default -> 1400" },
	{ "net.n", "uplink = eth5", "change-host net n: uplink none -> eth5" },
	{ "net.n", "uplink = eth5,move-virtual",
	  "change-host net n: uplink none -> eth5,move-virtual" },
	{ "net.n", "impair = used", "change-impair net n: delay none -> 1ms" },
	{ "net.n", "rate = 1mbit", "change-impair net n: rate none -> 1mbit" },

	{ "link.l", "ends = a:eth1 x:eth1", "del-link link l: other ends" },
	{ "link.l", "ends = a:eth3 b:eth1", "add-link link l: a:eth3 b:eth1, anew: other ends" },
	{ "link.l", "subnet = 10.3.0.0/30", "change-node node b: eth1 10.3.0.2/30 added" },
	{ "link.l", "ip = 10.3.0.1/30,10.3.0.2/30", "change-node node b: eth1 10.3.0.2/30 added" },
	{ "link.l", "mac = 02:00:00:00:00:01,", "del-link link l: another MAC" },
	{ "link.l", "mtu = 1400", "change-mtu b:eth1: mtu default -> 1400" },
	{ "link.trunk", "mtu = 1400", "change-mtu t:p1: mtu default -> 1400" },
	{ "link.l", "mtu.ab = 1400", "change-mtu a:eth1: mtu default -> 1400" },
	{ "link.l", "mtu.ba = 1400", "change-mtu b:eth1: mtu default -> 1400" },
	{ "link.l", "state = down", "change-state link l: up -> down" },
	{ "link.l", "wire = direct", "add-link link l: a:eth1 b:eth1, anew: stitched -> direct" },
	{ "link.l", "wire = stitched", "change-file link l: wire auto -> stitched, which it is" },
	{ "link.l", "impair = used", "change-impair link l: delay none -> 1ms" },
	{ "link.l", "rate = 1mbit", "change-impair link l: rate none -> 1mbit" },
	{ "link.l", "rate.ab = 1mbit", "change-impair link l: rate.ab none -> 1mbit" },
	{ "link.l", "rate.ba = 1mbit", "change-impair link l: rate.ba none -> 1mbit" },
	{ "link.port", "delay.ba = 9ms", "change-impair link port: delay.ba 1ms -> 9ms" },
	{ "link.l", "loss.ab = 1%", "change-impair link l: loss.ab none -> 1%" },
	{ "link.l", "loss = 1%", "change-impair link l: loss none -> 1%" },
	{ "link.l", "delay = 0.5ms", "change-impair link l: delay none -> 500us" },
	{ "link.l", "dup = 1%", "change-impair link l: dup none -> 1%" },
	{ "link.l", "corrupt = 1%", "change-impair link l: corrupt none -> 1%" },
	{ "link.l", "queue = 9p", "change-impair link l: queue none -> 9p" },
	{ "link.port", "jitter = 1ms", "change-impair link port: jitter none -> 1ms" },
	{ "link.port", "reorder = 5%", "change-impair link port: reorder none -> 5%" },
	{ "link.trunk", "loss = 5%", "change-impair link trunk: loss none -> 5%" },

	{ "gen.g", "n = 4", "add-node node g-r4: router" },
	{ "gen.g", "prefix = h-", "del-node node g-r1" },
	{ "gen.g", "type = line", "del-link link g-r3-g-r1" },
	{ "test.t", "wait = 9s", "change-file test t changed" },
	{ "test.v", "expect = 2ms", "change-file test v changed" },
	{ "test.u", "cmd = false", "change-file test u changed" },
	{ "scenario.s", "step.1 = sleep 2s", "change-file scenario s changed" },
	{ "scenario.s", "step.2 = link l down", "change-file scenario s changed" },
};

/* base with the line; the key's own line goes. */
static char *with(const char *section, const char *line)
{
	size_t key = strcspn(line, " ");
	char *head = str_printf("[%s]\n", section), *text;
	const char *at = strstr(base, head), *p;
	bool in = false, skipped = false;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_non_null(at);
	for (p = base; *p; p = strchr(p, '\n') + 1) {
		size_t n = strcspn(p, "\n") + 1;

		if (*p == '[')
			in = p == at;
		if (in && !skipped && !strncmp(p, line, key) && p[key] == ' ')
			skipped = true;
		else
			fwrite(p, 1, n, f);
		if (p == at)
			fprintf(f, "%s\n", line);
	}
	assert_int_equal(fclose(f), 0);
	free(head);
	return text;
}

static bool has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	while (at && ((at != text && at[-1] != '\n') || at[strlen(line)] != '\n'))
		at = strstr(at + 1, line);
	return at;
}

static void test_keys(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		_cleanup_free_ char *is = with(keys[i].section, keys[i].line), *one = NULL;
		_cleanup_free_ char *back = NULL, *none = NULL;

		one = lines_of(base, is);
		back = lines_of(is, base);
		none = lines_of(is, is);
		if (!has_line(one, keys[i].is))
			fail_msg("[%s] %s:\n%swithout \"%s\"", keys[i].section, keys[i].line, one,
				 keys[i].is);
		if (!*back || *none)
			fail_msg("[%s] %s: back: %s same: %s", keys[i].section, keys[i].line, back,
				 none);
	}
}

/* Keys whose value is the lab's identity, or compared with the whole of their section. */
static bool is_whole(const char *section, const char *key)
{
	return (!strcmp(section, "lab") && (!strcmp(key, "name") || !strcmp(key, "version"))) ||
	       !strcmp(section, "test") || !strcmp(section, "scenario") ||
	       !strcmp(section, "gen") || !strcmp(section, "impair") ||
	       (!strcmp(section, "net") && strchr(key, '.'));
}

static bool in_table(const char *section, const struct topo_key *k)
{
	size_t stem = strcspn(k->name, "#*"), n = strlen(section);
	const char *param = strchr(k->name, '.');

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *line = keys[i].line;

		if (strncmp(keys[i].section, section, n) != 0)
			continue;
		if (!strncmp(line, k->name, stem) && (k->name[stem] || line[stem] == ' '))
			return true;
		/* of the impairments each direction is tried with one of them */
		if (param && (!strcmp(param, ".ab") || !strcmp(param, ".ba")) &&
		    !strncmp(line, "rate.", 5))
			return true;
	}
	return false;
}

/* The file format has no key that is not tried above: a new one asks for a row. */
static void test_tables(void **state)
{
	static const struct {
		const char *section;
		const struct topo_key *keys;
	} tables[] = {
		{ "lab", topo_lab_keys },   { "node", topo_node_keys },
		{ "net", topo_net_keys },   { "link", topo_link_keys },
		{ "gen", topo_gen_keys },   { "impair", topo_impair_keys },
		{ "test", topo_test_keys }, { "scenario", topo_scenario_keys },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		for (const struct topo_key *k = tables[i].keys; k->name; k++) {
			bool impair = !strcmp(tables[i].section, "net") &&
				      impair_set((struct topo_impair[TOPO_DIRS]){ 0 }, k->name, "0",
						 NULL) == 0;

			if (!impair && !is_whole(tables[i].section, k->name) &&
			    !in_table(tables[i].section, k))
				fail_msg("[%s] %s is tried by no row", tables[i].section, k->name);
		}
}

/* ---- whole changes ---- */

static const struct {
	const char *was, *is, *lines;
} whole[] = {
	/* nothing */
	{ "[node.a]\n", "[node.a]\n# a comment\n", "" },
	{ "[node.a]\n[node.b]\n", "[node.b]\n[node.a]\n", "" },
	{ "[node.a]\nsysctl.1 = net.a=1\n", "[node.a]\nsysctl.7 = net.a=1\n", "" },
	{ "[node.a]\nsysctl.1 = net.a=1\n[node.b]\n",
	  "[defaults.node]\nsysctl.1=net.a=2\n[node.a]\nsysctl.9 = net.a=1\n[node.b]\n"
	  "sysctl.1 = net.b=1\n",
	  "change-node node b: sysctl net.b none -> 1\n" },
	{ "[node.a]\n[node.b]\n[links]\nl = a:e0 b:e0 delay=0\n",
	  "[node.a]\n[node.b]\n[links]\nl = a:e0 b:e0\n", "" },
	/* commands, by their numbers */
	{ "[node.a]\nexec.1 = a\nexec.2 = b\ndaemon.1 = d\ndaemon.10 = e\n",
	  "[node.a]\nexec.1 = a\nexec.3 = b\ndaemon.10 = f\ndaemon.2 = g\n",
	  "run-exec node a: exec.3 none -> \"b\"\n"
	  "change-daemon node a: daemon.1 \"d\" -> none\n"
	  "change-daemon node a: daemon.2 none -> \"g\"\n"
	  "change-daemon node a: daemon.10 \"e\" -> \"f\"\n"
	  "change-file node a: exec.2 \"b\" -> none: what it did stays\n" },
	/* a node that comes and one that goes, with their wires */
	{ "[node.a]\n[node.b]\n[node.c]\n[net.n]\nsubnet = none\nmembers = a:e b:e c:e\n"
	  "[links]\nl = a:f c:f\n",
	  "[node.a]\n[node.b]\n[node.d]\n[net.n]\nsubnet = none\nmembers = a:e b:e d:e\n"
	  "[links]\nm = a:f d:f\n",
	  "del-link link l\ndel-node node c\nadd-node node d: host\n"
	  "add-member member d:e of net n\nadd-link link m: a:f d:f\n" },
	/* a net that goes: its members that stay are told */
	{ "[node.a]\n[net.n]\nsubnet = none\nmembers = a:e\n[net.m]\nsubnet = none\n",
	  "[node.a]\n[net.m]\nsubnet = none\nmembers = a:e\n",
	  "del-member member a:e of net n\ndel-net net n\nadd-member member a:e of net m\n" },
	/* a switch has no namespace in which its ports would go with it */
	{ "[node.s]\nkind = switch\n[net.n]\nsubnet = none\nmembers = s:e\n",
	  "[net.n]\nsubnet = none\n", "del-member member s:e of net n\ndel-node node s\n" },
	/* stitched wires outlive a node that starts anew, a direct one does not */
	{ "[node.a]\n[node.b]\n[links]\nl = a:e b:e\nd = a:f b:f wire=direct\n",
	  "[node.a]\nuser = 1\nsysctl.1 = net.a=1\n[node.b]\n[links]\nl = a:e b:e\n"
	  "d = a:f b:f wire=direct\n",
	  "del-link link d: a node of a direct wire starts anew\n"
	  "replace-node node a: starts anew: user none -> 1\n"
	  "add-link link d: a:f b:f, anew: a node of a direct wire starts anew\n" },
	/* addresses of a wire that comes are its own matter */
	{ "[node.a]\n[node.b]\n",
	  "[node.a]\n[node.b]\n[links]\nl = a:e b:e ip=10.0.0.1/24,10.0.0.2/24\n",
	  "add-link link l: a:e b:e\nchange-names names in /etc/hosts\n" },
	{ "[node.a]\n[node.b]\n[links]\nl = a:e b:e ip=10.0.0.1/24,10.0.0.2/24\n",
	  "[node.a]\n[node.b]\n[links]\nl = a:e b:e ip=10.0.0.1/25,10.0.0.2/24\n",
	  "change-node node a: e 10.0.0.1/24 gone\nchange-node node a: e 10.0.0.1/25 added\n" },
	/* limits: changed and removed in place, but a set of cpus, and those of one without */
	{ "[node.a]\nmemory = 2M\npids = 9\n[node.b]\ncpuset = 0\n[node.c]\n",
	  "[node.a]\nmemory = 3M\n[node.b]\n[node.c]\npids = 7\n",
	  "replace-node node b: starts anew: cpuset gone\n"
	  "replace-node node c: starts anew: it had no limits\n"
	  "change-limits node a: memory 2M -> 3M\nchange-limits node a: pids 9 -> none\n" },
	/* one direction, both, and both in different ways */
	{ "[node.a]\n[node.b]\n[links]\nl = a:e b:e delay=1ms loss.ab=1% queue=9p\n",
	  "[node.a]\n[node.b]\n[links]\nl = a:e b:e delay=2ms loss.ba=1% queue=9B\n",
	  "change-impair link l: delay 1ms -> 2ms, loss.ab 1% -> none, loss.ba none -> 1%, "
	  "queue 9p -> 9B\n" },
};

static void test_changes(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		_cleanup_free_ char *text = lines_of(whole[i].was, whole[i].is);

		if (strcmp(text, whole[i].lines) != 0)
			fail_msg("%s---\n%s---\n%s", whole[i].was, whole[i].is, text);
	}
}

/* ---- what does not stand ---- */

static const char two[] = "[node.a]\n[node.b]\n[node.s]\nkind = switch\n[net.n]\nsubnet = none\n"
			  "members = a:e b:e\n[links]\nl = a:f b:f\nm = b:g s:g\n";

static void standing(struct topo_standing s, const char *expect)
{
	_cleanup_topology_ struct topology t = { 0 };
	struct topo_diff d = { 0 };
	char *text;

	lab(two, &t);
	diff(&t, &s, &t, &d);
	text = lines(&d);
	assert_string_equal(text, expect);
	free(text);
	topology_diff_free(&d);
}

static void test_standing(void **state)
{
	static const uint8_t stopped[] = { TOPO_STOPPED, 0, 0, 0, 0, 0 };
	static const uint8_t first[] = { TOPO_BROKEN, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t third[] = { 0, 0, TOPO_BROKEN, 0, 0, 0, 0, 0 };

	standing((struct topo_standing){ .nodes = stopped },
		 "replace-node node a: starts, it is stopped\n");
	standing((struct topo_standing){ .nodes = first },
		 "replace-node node a: starts anew: it is not what it should be\n");
	standing((struct topo_standing){ .nodes = third },
		 "del-link link m: other ends\ndel-node node s\nadd-node node s: switch\n"
		 "add-link link m: b:g s:g, anew: other ends\n");
	standing((struct topo_standing){ .links = first },
		 "del-link link l: it is not what it should be\n"
		 "add-link link l: a:f b:f, anew: it is not what it should be\n");
	standing((struct topo_standing){ .ifaces = first },
		 "del-member member a:e of net n\nadd-member member a:e of net n\n");
	standing((struct topo_standing){ .nets = first },
		 "del-member member a:e of net n\ndel-member member b:e of net n\ndel-net net n\n"
		 "add-net net n\nadd-member member a:e of net n\nadd-member member b:e of net n\n");
}

/* All that up would make, and what would be left of it. */
static void test_from_nothing(void **state)
{
	_cleanup_topology_ struct topology t = { 0 }, none = { 0 };
	struct topo_diff d = { 0 };
	char *text;

	lab(two, &t);
	diff(&none, NULL, &t, &d);
	text = lines(&d);
	assert_string_equal(text, "add-net net n\nadd-node node a: host\nadd-node node b: host\n"
				  "add-node node s: switch\nadd-member member a:e of net n\n"
				  "add-member member b:e of net n\nadd-link link l: a:f b:f\n"
				  "add-link link m: b:g s:g\n");
	free(text);
	topology_diff_free(&d);
	topology_diff_free(&d);
	for (unsigned i = 0; i < TOPO_CHANGES; i++) {
		assert_non_null(topo_change_word(i));
		assert_non_null(strchr("+-~!", topo_change_sign(i)));
	}
	assert_null(topo_change_word(TOPO_CHANGES));
}

/* ---- mutations ---- */

#define N_NODES 6
#define N_LINKS 8
#define N_NETS	3

/* A lab as numbers; 0 is absent or the default. */
struct draft {
	unsigned node[N_NODES]; /* 1: host, 2: router, 3: switch */
	unsigned setting[N_NODES][8];
	unsigned net[N_NETS], members[N_NETS];
	unsigned link[N_LINKS], from[N_LINKS], to[N_LINKS], keys[N_LINKS];
};

static uint32_t draw(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 16) % n;
}

static void mutate(struct draft *d, uint32_t *seed)
{
	unsigned i = draw(seed, N_NODES), l = draw(seed, N_LINKS), m = draw(seed, N_NETS);

	switch (draw(seed, 8)) {
	case 0:
		d->node[i] = draw(seed, 4);
		break;
	case 1:
	case 2:
		d->setting[i][draw(seed, 8)] = draw(seed, 3);
		break;
	case 3:
		d->net[m] = draw(seed, 4);
		break;
	case 4:
		d->members[m] = draw(seed, 1U << N_NODES);
		break;
	case 5:
		d->link[l] = draw(seed, 2);
		break;
	case 6:
		d->from[l] = i;
		d->to[l] = draw(seed, N_NODES);
		break;
	default:
		d->keys[l] = draw(seed, 8);
	}
}

static void write_draft_node(FILE *f, const struct draft *d, unsigned i)
{
	static const char *const kinds[] = { "", "host", "router", "switch" };
	static const char *const lines[][3] = {
		{ "", "user = 7\n", "env.1 = A=1\n" },
		{ "", "memory = 1M\n", "memory = 1M\npids = 20\n" },
		{ "", "sysctl.1 = net.a=1\n", "sysctl.1 = net.a=2\n" },
		{ "", "daemon.1 = a\n", "daemon.1 = b\ndaemon.2 = c\n" },
		{ "", "exec.1 = a\n", "exec.1 = b\n" },
		{ "", "stop.1 = a\n", "publish.1 = 8080:80\n" },
		{ "", "after = n0\n", "ready = x\n" },
		{ "", "route.1 = blackhole 10.9.0.0/16\n", "lo = 10.9.0.1\n" },
	};

	if (!d->node[i])
		return;
	fprintf(f, "[node.n%u]\nkind = %s\n", i, kinds[d->node[i]]);
	for (unsigned k = 0; k < 8 && d->node[i] < 3; k++)
		if ((k != 6 || (i && d->node[0])) && (k != 7 || i == 1))
			fputs(lines[k][d->setting[i][k]], f);
}

static char *write_draft(const struct draft *d)
{
	static const char *const wire[] = {
		"",	     " delay=1ms",   " loss=1%",       " state=down",
		" mtu=1400", " wire=direct", " rate.ab=1mbit", " delay=2ms"
	};
	static const char *const net[] = { "", "stp = yes\n", "loss = 1%\n" };
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	fprintf(f, "[lab]\nname = x\nipv4-pool = 10.0.0.0/16\n");
	for (unsigned i = 0; i < N_NODES; i++)
		write_draft_node(f, d, i);
	for (unsigned m = 0; m < N_NETS; m++) {
		if (!d->net[m])
			continue;
		fprintf(f, "[net.m%u]\n%smembers =", m, net[d->net[m] - 1]);
		for (unsigned i = 0; i < N_NODES; i++)
			if (d->members[m] & 1U << i && d->node[i])
				fprintf(f, " n%u:m%u", i, m);
		fputc('\n', f);
	}
	fputs("[links]\n", f);
	for (unsigned l = 0; l < N_LINKS; l++)
		if (d->link[l] && d->node[d->from[l]] && d->node[d->to[l]] &&
		    d->from[l] != d->to[l])
			fprintf(f, "l%u = n%u:a%u n%u:b%u%s\n", l, d->from[l], l, d->to[l], l,
				wire[d->keys[l]]);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* "node a", "link l" ... of a topology, sorted by nothing: looked up one by one. */
static void apply_sets(const struct topology *o, const struct topology *n,
		       const struct topo_diff *d, struct strv *have)
{
	for (size_t i = 0; i < o->n_nodes; i++)
		strv_add_take(have, str_printf("node %s", o->nodes[i].name));
	for (size_t i = 0; i < o->n_links; i++)
		strv_add_take(have, str_printf("link %s", o->links[i].name));
	for (size_t i = 0; i < o->n_nets; i++)
		strv_add_take(have, str_printf("net %s", o->nets[i].name));
	for (size_t i = 0; i < d->n; i++) {
		const struct topo_change *c = &d->v[i];
		size_t len = strcspn(c->text, " ");

		len += 1 + strcspn(c->text + len + 1, " :");
		for (size_t k = 0; topo_change_word(c->what)[0] == 'd' && k < have->n; k++)
			if (!strncmp(have->v[k], c->text, len) && !have->v[k][len])
				have->v[k][0] = '\0';
		if (topo_change_word(c->what)[0] == 'a')
			strv_add_take(have, str_printf("%.*s", (int)len, c->text));
	}
}

static void expect_set(const struct strv *have, const char *what, const char *name, size_t *count)
{
	_cleanup_free_ char *text = str_printf("%s %s", what, name);
	size_t n = 0;

	for (size_t i = 0; i < have->n; i++)
		n += !strcmp(have->v[i], text);
	if (n != 1)
		fail_msg("%s: %zu times", text, n);
	(*count)++;
}

/* Whether a link that is not told of is the same wire in both. */
static void check_links(const struct topology *o, const struct topology *n,
			const struct topo_diff *d)
{
	for (uint32_t i = 0; i < n->n_links; i++) {
		uint32_t was = topology_link(o, n->links[i].name);
		bool told = false;

		for (size_t k = 0; k < d->n; k++)
			told |= d->v[k].what == TOPO_ADD_LINK && d->v[k].new == i;
		if (told)
			continue;
		assert_true(was < o->n_links);
		if (!o->links || !o->ifaces)
			return;
		for (unsigned end = 0; end < 2; end++) {
			const struct topo_iface *a = &o->ifaces[o->links[was].ifaces[end]];
			const struct topo_iface *b = &n->ifaces[n->links[i].ifaces[end]];

			assert_string_equal(o->nodes[a->node].name, n->nodes[b->node].name);
			assert_memory_equal(&a->mac, &b->mac, sizeof(a->mac));
			for (size_t k = 0; k < d->n; k++)
				assert_false(d->v[k].what == TOPO_ADD_NODE &&
					     d->v[k].new == b->node);
		}
	}
}

static void check(const struct topology *o, const struct topology *n, const struct topo_diff *d)
{
	_cleanup_(strv_free) struct strv have = { 0 };
	size_t left = 0, count = 0;

	for (size_t i = 1; i < d->n; i++)
		assert_true(d->v[i - 1].what <= d->v[i].what);
	apply_sets(o, n, d, &have);
	for (size_t i = 0; i < n->n_nodes; i++)
		expect_set(&have, "node", n->nodes[i].name, &count);
	for (size_t i = 0; i < n->n_links; i++)
		expect_set(&have, "link", n->links[i].name, &count);
	for (size_t i = 0; i < n->n_nets; i++)
		expect_set(&have, "net", n->nets[i].name, &count);
	for (size_t i = 0; i < have.n; i++)
		left += have.v[i][0] && !str_starts(have.v[i], "member");
	assert_int_equal(left, count);
	check_links(o, n, d);
}

/* Nothing is said exactly when the labs are written alike. */
static void test_mutations(void **state)
{
	uint32_t seed = 42;
	struct draft d = { .node = { 1, 1, 2, 3, 1, 3 } };
	_cleanup_topology_ struct topology o = { 0 };
	size_t nothing = 0;

	for (unsigned round = 0; round < 3000; round++) {
		_cleanup_free_ char *text = NULL, *was = NULL, *is = NULL;
		_cleanup_topology_ struct topology n = { 0 };
		struct topo_diff changes = { 0 }, none = { 0 };

		for (unsigned k = 0; k <= round % 5; k++)
			mutate(&d, &seed);
		text = write_draft(&d);
		lab(text, &n);
		diff(&o, NULL, &n, &changes);
		diff(&n, NULL, &n, &none);
		assert_int_equal(none.n, 0);
		check(&o, &n, &changes);
		if (round) {
			was = expanded(&o);
			is = expanded(&n);
			if (!strcmp(was, is) != !changes.n)
				fail_msg("%s---\n%s---\n%zu", was, is, changes.n);
		}
		nothing += !changes.n;
		topology_diff_free(&changes);
		topology_diff_free(&none);
		topology_free(&o);
		o = n;
		n = (struct topology){ 0 };
	}
	/* mutations that hit what is not there; else this proved nothing */
	assert_in_range(nothing, 100, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),	     cmocka_unit_test(test_tables),
		cmocka_unit_test(test_changes),	     cmocka_unit_test(test_standing),
		cmocka_unit_test(test_from_nothing), cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
