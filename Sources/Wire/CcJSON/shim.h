#include <cjson/cJSON.h>

// A GNU extension, which the Glibc module lacks.
void *memmem(const void *text, size_t text_size, const void *part, size_t part_size);
