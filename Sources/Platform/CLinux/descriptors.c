// Why C: it runs in the newborn, see spawn.c.
//
// Copying the parent's descriptor table into a child and closing the copies costs 65 µs per 1,000 descriptors. So the
// child shares the table at first, and then copies only its beginning, where the parent has put the child's
// descriptors.
#define _GNU_SOURCE
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

// Numbers that the parent keeps for the descriptors of its children, as low as were free at the thread's first
// launch; -1: none yet. Each thread has its own slots, so that several threads can start children at the same time, and
// closes them when it ends.
static _Thread_local int slots[PM_PLACES] = {-1, -1, -1, -1, -1, -1, -1, -1};
static _Thread_local int nothing = -1;

static pthread_key_t end_of_thread;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int has_key;

static void close_slots(void *unused) {
	(void)unused;
	for (int index = 0; index < PM_PLACES; index++)
		if (slots[index] >= 0) close(slots[index]);
	if (nothing >= 0) close(nothing);
}

static void make_key(void) { has_key = pthread_key_create(&end_of_thread, close_slots) == 0; }

static int have_slots(void) {
	(void)pthread_once(&once, make_key);
	// Without a call of close_slots at the thread's end, there are no slots: they would stay open.
	if (!has_key || pthread_setspecific(end_of_thread, &nothing) != 0) return 0;
	if (nothing < 0) nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int index = 0; index < PM_PLACES; index++)
		if (slots[index] < 0 && (slots[index] = fcntl(nothing, F_DUPFD_CLOEXEC, 3)) < 0) return 0;
	return 1;
}

struct pm_places pm_places_of(const struct pm_spawn_plan *plan) {
	struct pm_places places = {
		.all = {{plan->standard_input, 0}, {plan->standard_output, 1}, {plan->standard_error, 2}},
		.count = 3,
		.highest_slot = -1,
	};
	for (uint32_t index = 0; index < plan->extra_count && index < PM_EXTRA_DESCRIPTORS; index++)
		places.all[places.count++] = plan->extras[index];
	return places;
}

void pm_fill_slots(struct pm_places *places) {
	// Without spare descriptors the child copies the whole table.
	if (!have_slots()) return;
	struct pm_places filled = *places;
	for (int index = 0; index < filled.count; index++) {
		if (dup3(filled.all[index].descriptor, slots[index], O_CLOEXEC) < 0) return;
		filled.all[index].descriptor = slots[index];
		if (slots[index] > filled.highest_slot) filled.highest_slot = slots[index];
	}
	*places = filled;
}

void pm_empty_slots(const struct pm_places *places) {
	// Otherwise the parent would keep the write end of a pipe open, and the reader would never see its end.
	for (int index = 0; index < places->count && nothing >= 0; index++)
		if (slots[index] >= 0) (void)dup3(nothing, slots[index], O_CLOEXEC);
}

int pm_take_places(struct pm_places *places) {
	unsigned first_unneeded = (unsigned)(places->highest_slot + 1);
	if ((first_unneeded == 0 || close_range(first_unneeded, ~0U, CLOSE_RANGE_UNSHARE) < 0) && unshare(CLONE_FILES) < 0)
		return -1;
	// First moves all descriptors above every target. Then none is overwritten before it is in place, and no dup2 has
	// two equal numbers, which would keep close-on-exec.
	int floor = places->all[places->count - 1].target + 1;
	for (int index = 0; index < places->count; index++) {
		int *descriptor = &places->all[index].descriptor;
		if (*descriptor < floor && (*descriptor = fcntl(*descriptor, F_DUPFD, floor)) < 0) return -1;
	}
	// Fails before Linux 5.9. There only close-on-exec closes descriptors, which libmosquitto's sockets lack.
	for (int index = 0, next = 0; index < places->count; next = places->all[index++].target + 1) {
		int target = places->all[index].target;
		if (dup2(places->all[index].descriptor, target) < 0) return -1;
		if (target > next) (void)close_range((unsigned)next, (unsigned)target - 1, 0);
	}
	(void)close_range((unsigned)floor, ~0U, 0);
	return 0;
}
