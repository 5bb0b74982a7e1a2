/* Between the files that walk the table of keys beside the model. */
#ifndef PKTPATH_SCENARIO_VALUES_INTERNAL_H
#define PKTPATH_SCENARIO_VALUES_INTERNAL_H
#include "scenario/values.h"

struct walk {
	struct arena *arena;
	const struct model *model;
	bool failed;
};

/* ---- values.c ---- */
struct resolved *values_add(struct walk *walk, struct resolved *parent, enum tree_kind kind, const char *name);
__attribute__((format(printf, 3, 4))) void values_set_text(struct walk *walk, struct resolved *node, const char *format,
							   ...);
__attribute__((format(printf, 3, 4))) struct resolved *values_add_item(struct walk *walk, struct resolved *list,
								       const char *format, ...);
void values_section(struct walk *walk, struct resolved *node, enum section section, const void *object,
		    const struct tree *written);
/* Members of an object. */
const void *values_pointer(const void *object, const struct value *value);
size_t values_number(const void *object, const struct value *value);
const char *values_name_at(const void *array, size_t i, size_t item_bytes);
const char *values_referred(const struct walk *walk, const struct value *value, uint32_t index);
/* ---- values_lists.c ---- */
void values_items_of(struct walk *walk, struct resolved *list, const struct key *key, const void *object);
void values_bits(struct walk *walk, struct resolved *list, const struct key *key, uint32_t set);
void values_tags(struct walk *walk, struct resolved *map, const struct key *key, const void *object);
/* ---- values_shapes.c ---- */
void values_fraction(struct walk *walk, struct resolved *node, uint64_t parts);
void values_block(struct walk *walk, struct resolved *node, uint32_t n_ports);
void values_pools(struct walk *walk, struct resolved *map, const struct balancer_config *balancer);
void values_ports_each(struct walk *walk, struct resolved *node, uint32_t n);
void values_service(struct walk *walk, struct resolved *node, const struct value *value, const void *object);
void values_machine_port(struct walk *walk, struct resolved *node, const struct value *value, const void *object);
#endif
