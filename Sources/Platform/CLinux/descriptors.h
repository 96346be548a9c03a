#ifndef PM_DESCRIPTORS_H
#define PM_DESCRIPTORS_H

#include "CLinux.h"

enum { PM_PLACES = 3 + PM_EXTRA_DESCRIPTORS };

/// What a child shall have, by target, ascending.
struct pm_places {
	struct pm_placement all[PM_PLACES];
	int count;
	int highest_slot; // -1: the descriptors are not in slots
};

struct pm_places pm_places_of(const struct pm_spawn_plan *plan);

/// By the parent: puts what the child shall have into slots with low numbers, and empties them again.
void pm_fill_slots(struct pm_places *places);
void pm_empty_slots(const struct pm_places *places);

/// By the child, which shares the parent's table of descriptors: gives it one of its own with nothing but what it shall
/// have. -1 with errno when it can't.
int pm_take_places(struct pm_places *places);

#endif
