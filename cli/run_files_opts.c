/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for files: the root, volumes, devices. */
#include <errno.h>
#include <string.h>

#include "cli/device.h"
#include "cli/mount.h"
#include "cli/mount_mask.h"
#include "cli/mount_opts.h"
#include "cli/run_opts.h"
#include "cli/volume.h"
#include "core/base/err.h"

static int set_rootfs(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	/* a variable that was not set must not become the host's root, or no layer */
	if (!*value || *value == ':' || strstr(value, "::") || value[strlen(value) - 1] == ':')
		return err_set(e, EINVAL, "'%s' has an empty path", value);
	return strv_split(&a->spec.rootfs, value, ":");
}

static int set_host_root(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	if (strcmp(value, "all"))
		return err_set(e, EINVAL, "'%s': the only word here is 'all'", value);
	a->spec.host_root_all = true;
	return 0;
}

static int set_volume(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return volume_add(&a->spec, &a->owned, value, e);
}

static int set_tmpfs(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return volume_add_tmpfs(&a->spec, &a->owned, value, e);
}

static int mask_value(void *list, const char *value, struct err *e)
{
	return mount_mask_parse(list, value, e);
}

static int set_mount(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return mount_add(&a->spec, &a->owned, value, e);
}

static int set_device(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return device_add(&a->spec, &a->owned, value, e);
}

static int set_device_rule(void *args, const char *value, struct err *e)
{
	struct run_args *a = args;

	return device_rule_add(&a->spec, value, e);
}

const struct opt run_files_opts[] = {
	OPT_HEADING("Files"),
	FN("rootfs", 0, "DIR[:DIR..]", set_rootfs,
	   "layers, topmost first (default: the host's root, copy-on-write)"),
	ROW("bundle", 0, OPT_STR, "DIR", bundle_dir,
	    "an OCI bundle: config.json, and options on top of it"),
	ROW("read-only", 0, OPT_FLAG, NULL, spec.read_only, "no writable layer"),
	ROW("rootfs-rw", 0, OPT_FLAG, NULL, spec.rootfs_rw, "write through to the one DIR"),
	ROW("upper", 0, OPT_STR, "DIR", spec.upper, "keep the writable layer there"),
	ROW("upper-size", 0, OPT_SIZE, "SIZE", spec.upper_size,
	    "of the writable layer in memory (default 512M)"),
	FN("host-root", 0, "all", set_host_root, "show the host's whole root, secrets included"),
	FN("volume", 'v', "SRC:DST[:OPT,..]", set_volume,
	   "bind mount; ro, rro, noexec, slave, idmap, .."),
	FN("tmpfs", 0, "DST[:OPT,..]", set_tmpfs, "size=, mode=, exec, copy, .."),
	FN("mount", 0, "KEY=VALUE,..", set_mount,
	   "either in long: type=bind|tmpfs,source=,target=,readonly,.."),
	ROW("shm-size", 0, OPT_SIZE, "SIZE", spec.shm_size, "of /dev/shm (default 64M)"),
	FN("device", 0, "SRC[:DST][:rwm]", set_device,
	   "a device of the host, or all in a directory"),
	FN("device-cgroup-rule", 0, "RULE", set_device_rule, "allow as well: 'c 10:* rwm'"),
	AT("mask", 0, "PATH[:PATH..]", mask, mask_value, "hide what is there"),
	AT("unmask", 0, "PATH[:PATH..]", unmask, mask_value,
	   "do not hide it, nor make it read-only; or ALL"),
	OPT_END,
};

int run_files_finish(struct run_args *a, struct err *e)
{
	struct ct_spec *s = &a->spec;

	if (s->rootfs_rw && (s->rootfs.n != 1 || s->read_only || s->upper))
		return err_set(
			e, EINVAL,
			"--rootfs-rw needs one --rootfs DIR, without --read-only or --upper");
	if (s->read_only && s->upper)
		return err_set(e, EINVAL, "--read-only and --upper exclude each other");
	if (!a->bundle_dir) /* whose order is its own */
		mounts_sort(s);
	return mount_mask_apply(s, &a->mask, &a->unmask, e);
}
