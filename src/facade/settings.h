/* A list of settings in the making: values are written, then put under their path. */
#ifndef PKTPATH_FACADE_SETTINGS_H
#define PKTPATH_FACADE_SETTINGS_H
#include "base/buf.h"
#include "facade/facade.h"

struct settings {
	struct arena *arena;
	struct report_setting *items;
	size_t n, capacity;
	struct buf value; /* of the next setting */
	bool failed;
};
struct bit_name {
	uint32_t bit;
	const char *name;
};

/* ---- the value of the next setting ---- */
void settings_text(struct settings *list, const char *value);
void settings_number(struct settings *list, uint64_t value);
void settings_truth(struct settings *list, bool value);
void settings_duration(struct settings *list, int64_t ns);
void settings_size(struct settings *list, uint64_t bytes);
void settings_addr(struct settings *list, be32 value);
void settings_fraction(struct settings *list, uint64_t parts);
void settings_prefixes(struct settings *list, const struct prefix *items, size_t n);
void settings_listen(struct settings *list, const struct service_port *ports, size_t n);
void settings_bits(struct settings *list, uint32_t set, const struct bit_name *names, size_t n);

/* Puts what was written under this path. */
__attribute__((format(printf, 2, 3))) void settings_put(struct settings *list, const char *format, ...);

/* settings_rules.c: security groups, route tables and sites. */
void settings_rules(struct settings *list, const struct model *model);
/* `path`: of the NAT, such as network.ases.one.snat. */
void settings_nat(struct settings *list, const char *path, const struct nat_rules *nat);
#endif
