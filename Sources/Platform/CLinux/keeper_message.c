#define _GNU_SOURCE
#include "CLinux.h"
#include "keeper_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

// Volatile: else the compiler would put the numbers into the code that uses them.
const volatile struct pm_versions pm_versions = {
	.mark = "pm-keeper versions:",
	.message = PM_KEEPER_VERSION,
	.oldest = PM_KEEPER_OLDEST,
	.table = PM_TABLE_VERSION,
};

union control {
	char bytes[CMSG_SPACE(2 * sizeof(int))];
	struct cmsghdr alignment;
};

int pm_keeper_send(int socket, const struct pm_keeper_message *message, int first, int second) {
	struct pm_keeper_message versioned = *message;
	versioned.version = pm_versions.oldest;
	int descriptors[2] = {first >= 0 ? first : second, second};
	size_t size = ((first >= 0) + (second >= 0)) * sizeof(int);
	struct iovec part = {.iov_base = &versioned, .iov_len = sizeof versioned};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {{0}};
	if (size > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(size);
		struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(rights), descriptors, size);
	}
	ssize_t sent;
	while ((sent = sendmsg(socket, &header, MSG_NOSIGNAL)) < 0 && errno == EINTR) {}
	return sent < 0 ? -1 : 0;
}

int pm_keeper_receive(int socket, struct pm_keeper_message *message, int *first, int *second, int flags) {
	struct iovec part = {.iov_base = message, .iov_len = sizeof *message};
	union control control = {{0}};
	struct msghdr header = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	ssize_t received;
	while ((received = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {}
	*first = *second = -1;
	if (received < 0) return errno == ECONNRESET ? 0 : -1;
	struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
	if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
		memcpy(first, CMSG_DATA(rights), sizeof *first);
		if (rights->cmsg_len == CMSG_LEN(2 * sizeof(int)))
			memcpy(second, CMSG_DATA(rights) + sizeof *first, sizeof *second);
	}
	return received == sizeof *message;
}

int pm_keeper_understands(const struct pm_keeper_message *message) {
	if (message->version > pm_versions.message) return 0;
	return message->kind != PM_HELLO || (uint32_t)message->status >= pm_versions.oldest;
}

void pm_keeper_drop(int first, int second) {
	if (first >= 0) close(first);
	if (second >= 0) close(second);
}

void pm_limit_wait(int socket, int seconds) {
	struct timeval patience = {.tv_sec = seconds};
	(void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	(void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

ssize_t pm_send_with_descriptor(int socket, const void *bytes, size_t count, int descriptor) {
	struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
	union control control = {{0}};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes};
	header.msg_controllen = CMSG_SPACE(sizeof descriptor);
	struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof descriptor);
	memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
	return sendmsg(socket, &header, MSG_NOSIGNAL);
}
