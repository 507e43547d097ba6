/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctlab capture: packets of a wire in a file. It listens in the fabric, at the end
 * of the wire there, where the node notices nothing; of a direct wire, and of what else
 * a node has, in the node's namespace.
 *
 * At an end of a stitched wire are seen what its node sends before anything is done to
 * it, and what it gets after all was done.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/interrupt.h"
#include "cli/lab.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "core/base/proc.h"
#include "net/fabric.h"
#include "net/pcap_tap.h"

#define END_MS 2000 /* a lab that ends has ended by then */

struct capture_args {
	const char *write;
	uint64_t count;
	uint32_t snaplen;
};

static int set_count(void *count, const char *value, struct err *e)
{
	return parse_u64(value, 1, UINT64_MAX, count, e);
}

static int set_snaplen(void *len, const char *value, struct err *e)
{
	return parse_u32(value, 1, PCAP_SNAPLEN, len, e);
}

const struct opt lab_capture_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct capture_args, "write", 'w', OPT_STR, "FILE", write,
		"where to; - is standard output (default, if that is no terminal)"),
	OPT_ROW_FN(struct capture_args, "count", 'c', "N", count, set_count,
		   "end after so many packets"),
	OPT_ROW_FN(struct capture_args, "snaplen", 's', "BYTES", snaplen, set_snaplen,
		   "of each packet at most so much (default: all)"),
	OPT_END,
};

struct capture {
	struct app *app;
	const struct capture_args *args;
	struct lab lab;
	char what[160]; /* "link r1-r2 at r1:eth1" */
	char ifname[16];
	int netns, out, owner, signals; /* owner: pidfd of whose the namespace is */
	struct pcap_tap *tap;
	struct pcap *file;
};

static void cleanup_capture(struct capture *c)
{
	pcap_free(c->file);
	pcap_tap_close(c->tap);
	fd_close(c->netns);
	fd_close(c->out);
	fd_close(c->owner);
	fd_close(c->signals);
	lab_close(&c->lab);
}

/* ---- which wire ---- */

static const char *link_name(const void *ctx, size_t i)
{
	const struct topology *t = ctx;

	return i < t->n_links ? t->links[i].name : NULL;
}

static int unknown(const struct lab *l, const char *word, struct err *e)
{
	const struct topology *t = &l->topo;
	const char *near = str_nearest(word, link_name, t);
	uint32_t net = topology_net(t, word), member = TOPO_NONE;

	if (net != TOPO_NONE && t->nets[net].n_members)
		member = t->nets[net].members[0];
	if (member != TOPO_NONE)
		err_hint(e, "%s is a net; its wires are %s:%s ...", word,
			 t->nodes[t->ifaces[member].node].name, t->ifaces[member].name);
	else if (near)
		err_hint(e, "did you mean '%s'?", near);
	return err_set(e, ENOENT, "lab %s has no link %s", l->rec.name, word);
}

static void name_it(struct capture *c, const char *link, uint32_t iface)
{
	const struct topology *t = &c->lab.topo;
	const struct topo_iface *x = &t->ifaces[iface];

	str_fmt(c->what, sizeof(c->what), "%s%s%s%.63s:%s", link ? "link " : "", link ? link : "",
		link ? " at " : "", t->nodes[x->node].name, x->name);
}

/* In the fabric; false: there is nothing of it there. */
static int in_fabric(struct capture *c, uint32_t iface, bool *ret, struct err *e)
{
	uint32_t port = FABRIC_NONE;
	int r = lab_port(&c->lab, iface, &port, e);

	*ret = r >= 0 && port != FABRIC_NONE;
	if (r < 0 || !*ret)
		return r;
	fabric_port_name(port, c->ifname);
	c->owner = proc_open(&c->lab.rec.supervisor);
	c->netns = lab_fabric_netns(&c->lab, e);
	return c->netns;
}

static int in_node(struct capture *c, const char *node, const char *ifname, struct err *e)
{
	struct lab_node n;
	int r = lab_node(&c->lab, node, &n, e);

	if (r < 0)
		return r;
	if (str_fmt(c->ifname, sizeof(c->ifname), "%s", ifname) < 0)
		return err_set(e, ENODEV, "node %s has no interface %s", node, ifname);
	c->owner = proc_open(&n.host);
	c->netns = lab_node_netns(&n, e);
	return c->netns;
}

static int find_link(struct capture *c, uint32_t link, struct err *e)
{
	const struct topology *t = &c->lab.topo;
	const struct topo_link *x = &t->links[link];
	bool found = false;
	int r = 0;

	for (int i = 0; r >= 0 && !found && i < 2; i++) {
		r = in_fabric(c, x->ifaces[i], &found, e);
		if (found)
			name_it(c, x->name, x->ifaces[i]);
	}
	if (r < 0 || found)
		return r;
	name_it(c, x->name, x->ifaces[0]);
	return in_node(c, t->nodes[t->ifaces[x->ifaces[0]].node].name, t->ifaces[x->ifaces[0]].name,
		       e);
}

/* NODE:IF; an interface that is not of the file is one that the node made itself. */
static int find_iface(struct capture *c, const char *word, const char *colon, struct err *e)
{
	_cleanup_free_ char *node = strndup(word, (size_t)(colon - word));
	uint32_t n = node ? topology_node(&c->lab.topo, node) : TOPO_NONE, iface;
	bool found = false;
	int r = 0;

	if (!node)
		return err_sys(e, -ENOMEM, "%s", word);
	iface = n == TOPO_NONE ? TOPO_NONE : topology_iface(&c->lab.topo, n, colon + 1);
	str_fmt(c->what, sizeof(c->what), "%.150s", word);
	if (iface != TOPO_NONE)
		r = in_fabric(c, iface, &found, e);
	return r < 0 || found ? r : in_node(c, node, colon + 1, e);
}

static int find_wire(struct capture *c, const char *word, struct err *e)
{
	const char *colon = strchr(word, ':');
	uint32_t link = topology_link(&c->lab.topo, word);

	if (link != TOPO_NONE)
		return find_link(c, link, e);
	return colon ? find_iface(c, word, colon, e) : unknown(&c->lab, word, e);
}

/* ---- where to ---- */

static bool to_stdout(const struct capture_args *a)
{
	return !a->write || !strcmp(a->write, "-");
}

static int check_output(struct app *app, const struct capture_args *a, struct err *e)
{
	if (!to_stdout(a) || !isatty(STDOUT_FILENO))
		return 0;
	err_hint(e, "-w FILE, or a pipe: | tcpdump -nr -");
	return app_usage(app, err_set(e, EINVAL, "packets are not for a terminal"));
}

static int open_output(struct capture *c, struct err *e)
{
	const char *path = c->args->write;

	c->out = to_stdout(c->args) ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
				    : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (c->out < 0)
		return err_sys(e, errno, "open %s", path ? path : "standard output");
	return pcap_begin(c->out, pcap_tap_linktype(c->tap), c->args->snaplen, &c->file, e);
}

/* ---- packets ---- */

static int take(const struct pcap_packet *k, void *ctx)
{
	struct capture *c = ctx;
	int r = pcap_put(c->file, k);

	if (r < 0)
		return r;
	return pcap_count(c->file) == c->args->count ? 1 : 0;
}

/*
 * Whole packets, whatever came; e is set already where it is the tap's error. 1: that is
 * all, or who read us has seen enough.
 */
static int write_out(struct capture *c, int r, struct err *e)
{
	int w = pcap_flush(c->file);

	if (r == -EPIPE || w == -EPIPE)
		return 1;
	if (r < 0 && e->num)
		return r;
	return r < 0 || w < 0 ? err_sys(e, r < 0 ? r : w, "write packets") : r;
}

/* 1: that is all. */
static int turn(struct capture *c, struct err *e)
{
	struct pollfd p[] = { { pcap_tap_fd(c->tap), POLLIN, 0 },
			      { c->signals, POLLIN, 0 },
			      { c->owner, POLLIN, 0 },
			      { c->out, 0, 0 } };
	int r;

	if (poll(p, ARRAY_SIZE(p), pcap_tap_timeout(c->tap)) < 0)
		return errno == EINTR ? 0 : err_sys(e, errno, "wait for packets");
	r = pcap_tap_read(c->tap, take, c, e);
	r = write_out(c, r, e);
	if (r)
		return r;
	if (p[3].revents & (POLLERR | POLLNVAL))
		return 1;
	if (!p[1].revents && !p[2].revents)
		return 0;
	r = write_out(c, pcap_tap_finish(c->tap, take, c, e), e);
	return r < 0 ? r : 1;
}

static void tell_count(struct capture *c)
{
	uint64_t n = pcap_count(c->file), lost = pcap_tap_dropped(c->tap);

	if (c->app->quiet)
		return;
	fprintf(stderr, "%" PRIu64 " packet%s of %s captured", n, n == 1 ? "" : "s", c->what);
	if (lost)
		fprintf(stderr, ", %" PRIu64 " missed", lost);
	fputc('\n', stderr);
}

/*
 * An interface that goes: what it saw before is there a moment later. With its lab, or its
 * node, it is no error: those take their links along before they are gone themselves.
 */
static int interface_gone(struct capture *c, int r, struct err *e)
{
	struct pollfd p = { c->owner, POLLIN, 0 };

	if (pcap_tap_finish(c->tap, take, c, NULL) < 0 || pcap_flush(c->file) < 0)
		return r;
	if (poll(&p, 1, END_MS) <= 0)
		return r;
	err_clear(e);
	return 0;
}

static int listen_on(struct capture *c, struct err *e)
{
	int r = pcap_tap_open(c->netns, c->ifname, c->args->snaplen, &c->tap, e);

	if (r >= 0)
		r = open_output(c, e);
	if (r < 0)
		return err_wrap(e, r, "%s", c->what);
	/* the socket keeps the namespace; what is kept longer than its owner is too long */
	fd_close(take_fd(&c->netns));
	if (!c->app->quiet)
		fprintf(stderr, "listening to %s\n", c->what);
	do
		r = turn(c, e);
	while (r == 0);
	if (r == -ENODEV)
		r = interface_gone(c, r, e);
	tell_count(c);
	return r < 0 ? err_wrap(e, r, "%s", c->what) : 0;
}

int cmd_lab_capture(struct app *app, int argc, char **argv, struct err *e)
{
	struct capture_args args = { .snaplen = PCAP_SNAPLEN };
	_cleanup_(cleanup_capture) struct capture c = { .app = app,
							.args = &args,
							.lab = LAB_INIT,
							.netns = -1,
							.out = -1,
							.owner = -1,
							.signals = -1 };
	int r = app_parse(app, &args, argc, argv, 2, 2, e);

	if (r >= 0)
		r = check_output(app, &args, e);
	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, argv[0], &c.lab, e);
	if (r >= 0)
		r = lab_load(&c.lab, e);
	if (r >= 0)
		r = find_wire(&c, argv[1], e);
	if (r >= 0)
		r = c.signals = interrupt_open(e);
	if (r < 0)
		return r;
	/* a pipe whose reader has gone ends it as an interrupt does */
	signal(SIGPIPE, SIG_IGN);
	return listen_on(&c, e);
}
