#define _GNU_SOURCE
#include "CKeeper.h"

#include <sys/mount.h>
#include <sys/reboot.h>

const char *const pm_keeper_guest_path = "/bin/pm-agent";

char **pm_keeper_guest_arguments(void) {
	static char *arguments[] = {"pm-agent", "--guest", "--worker", NULL};
	return arguments;
}

// The Swift runtime reads /proc when a program begins. The worker mounts everything else.
int pm_keeper_begin_guest(void) { return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL); }

void pm_keeper_end_guest(void) { (void)reboot(RB_AUTOBOOT); }
