/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inspect - what the kernel says of a container that runs, as JSON; keys are a
 * contract (docs/man/ct.8). Each returns an empty array, or null, of one that does
 * not, or that ends while it is looked at.
 */
#ifndef CT_CLI_INSPECT_H
#define CT_CLI_INSPECT_H

#include <jansson.h>

struct ct_info;
struct net;

/* {pid, name, state, uid, host_uid, threads, rss, cpu_ns} of its first process */
json_t *inspect_process(const struct ct_info *i);
/* [{type, inode, device, user_namespace, parent, owner_uid, host, shared_with}] */
json_t *inspect_namespaces(int root_fd, const struct ct_info *i);
/* [{target, source, root, fstype, options, super_options, propagation, id, parent}] */
json_t *inspect_mounts(const struct ct_info *i);
/* {memory, memory_swap, cpus, cpu_shares, cpu_weight, cpuset_cpus, pids} */
json_t *inspect_limits(const struct ct_info *i);
/*
 * [{ifname, ifindex, kind, mac, mtu, up, carrier, addresses, network, host_ifname,
 * host_ifindex, host_mtu, host_mac, host_carrier, master}]
 */
json_t *inspect_links(struct net *net, const struct ct_info *i);

#endif
