/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/ns_info.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

static const struct {
	const char *type;
	int flag; /* what NS_GET_NSTYPE says of it */
	bool nested; /* has a parent */
} types[NS_INFO_TYPES] = {
	{ "cgroup", CLONE_NEWCGROUP, false }, { "ipc", CLONE_NEWIPC, false },
	{ "mnt", CLONE_NEWNS, false },	      { "net", CLONE_NEWNET, false },
	{ "pid", CLONE_NEWPID, true },	      { "time", CLONE_NEWTIME, false },
	{ "user", CLONE_NEWUSER, true },      { "uts", CLONE_NEWUTS, false },
};

const char *ns_info_type(unsigned i)
{
	return types[i].type;
}

bool ns_id_eq(const struct ns_id *a, const struct ns_id *b)
{
	return a->ino && a->ino == b->ino && a->dev == b->dev;
}

static struct ns_id id_of(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return (struct ns_id){ 0 };
	return (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
}

/* EPERM: it is not below the caller's own. */
static struct ns_id id_by_ioctl(int fd, unsigned long request)
{
	_cleanup_close_ int other = ioctl(fd, request);

	return id_of(other);
}

static int read_one(int proc_fd, int own_fd, unsigned i, struct ns_info *ret)
{
	_cleanup_close_ int fd = -1, own = -1;
	char path[24];
	struct ns_id mine;

	*ret = (struct ns_info){ .type = types[i].type, .owner_uid = (uid_t)-1 };
	str_fmt(path, sizeof(path), "ns/%s", types[i].type);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && faccessat(proc_fd, "ns", F_OK, 0) == 0 ? 0 : -errno;
	if (ioctl(fd, NS_GET_NSTYPE) != types[i].flag)
		return -EBADMSG;
	ret->id = id_of(fd);
	/* of a user namespace the same question is that for its parent */
	ret->owner = id_by_ioctl(fd, NS_GET_USERNS);
	if (types[i].nested)
		ret->parent = id_by_ioctl(fd, NS_GET_PARENT);
	if (types[i].flag == CLONE_NEWUSER && ioctl(fd, NS_GET_OWNER_UID, &ret->owner_uid) < 0)
		return -errno;
	own = openat(own_fd, path, O_RDONLY | O_CLOEXEC);
	mine = id_of(own);
	ret->is_own = ns_id_eq(&ret->id, &mine);
	return 0;
}

int ns_info_read(int proc_fd, struct ns_info ret[NS_INFO_TYPES])
{
	_cleanup_close_ int own = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = own < 0 ? -errno : 0;

	for (unsigned i = 0; r >= 0 && i < NS_INFO_TYPES; i++)
		r = read_one(proc_fd, own, i, &ret[i]);
	return r;
}

int ns_info_ids(int proc_fd, struct ns_id ret[NS_INFO_TYPES])
{
	for (unsigned i = 0; i < NS_INFO_TYPES; i++) {
		struct stat st;
		char path[24];

		str_fmt(path, sizeof(path), "ns/%s", types[i].type);
		ret[i] = (struct ns_id){ 0 };
		if (fstatat(proc_fd, path, &st, 0) == 0)
			ret[i] = (struct ns_id){ .dev = st.st_dev, .ino = st.st_ino };
		else if (errno != ENOENT || faccessat(proc_fd, "ns", F_OK, 0) < 0)
			return -errno;
	}
	return 0;
}
