// Why C: Swift sees the struct and the function `flock` as one name.
#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>

int pm_lock_description(int file) {
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	return fcntl(file, F_OFD_SETLK, &whole);
}

int pm_unlock_description(int file) {
	struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
	return fcntl(file, F_OFD_SETLK, &whole);
}
