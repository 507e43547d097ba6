/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctrun's options for files: the root, volumes. */
#include <errno.h>
#include <string.h>

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
	FN("volume", 'v', "SRC:DST[:OPT,..]", set_volume, "bind mount; ro, rro, exec"),
	FN("tmpfs", 0, "DST[:OPT,..]", set_tmpfs, "size=, mode=, exec"),
	OPT_END,
};

int run_files_finish(struct run_args *a, struct err *e)
{
	const struct ct_spec *s = &a->spec;

	if (s->rootfs_rw && (s->rootfs.n != 1 || s->read_only || s->upper))
		return err_set(
			e, EINVAL,
			"--rootfs-rw needs one --rootfs DIR, without --read-only or --upper");
	if (s->read_only && s->upper)
		return err_set(e, EINVAL, "--read-only and --upper exclude each other");
	return 0;
}
