#ifndef PM_DESCRIPTORS_H
#define PM_DESCRIPTORS_H

#include "CLinux.h"

enum { PM_PLACES = 3 + PM_EXTRA_DESCRIPTORS };

/// The descriptors that a child gets, by ascending target.
struct pm_places {
	struct pm_placement all[PM_PLACES];
	int count;
	int highest_slot; // -1: the descriptors are not in slots
};

struct pm_places pm_places_of(const struct pm_spawn_plan *plan);

/// Called by the parent: copies the child's descriptors into slots, which have low numbers, and empties the slots
/// again.
void pm_fill_slots(struct pm_places *places);
void pm_empty_slots(const struct pm_places *places);

/// Called by the child, which shares the parent's descriptor table: gives it a table of its own with only its
/// descriptors. Returns 0, or -1 with errno.
int pm_take_places(struct pm_places *places);

#endif
