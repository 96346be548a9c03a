// Preloaded into a program (LD_PRELOAD), makes its file system one without flock(2), as some network file systems are.
#include "CNoLocks.h"

#include <errno.h>
#include <sys/file.h>

int flock(int number, int operation) {
	(void)number;
	(void)operation;
	errno = ENOLCK;
	return -1;
}
