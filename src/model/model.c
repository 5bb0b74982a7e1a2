/* DOC: words for the model's enums, as scenarios and reports have them. */
#include "model/model.h"

static const char *const link_names[] = {
	[LINK_SUBNET] = "subnet",     [LINK_VNET] = "vnet",       [LINK_REGION] = "region",
	[LINK_BACKBONE] = "backbone", [LINK_GATEWAY] = "gateway", [LINK_INTERNET] = "internet",
};
_Static_assert(sizeof link_names / sizeof *link_names == LINK_CLASS_COUNT, "a name for each class");

static const char *const outcome_names[] = {
	[OUTCOME_NONE] = "unfinished", [OUTCOME_DELIVERED] = "delivered", [OUTCOME_REFUSED] = "refused",
	[OUTCOME_RESET] = "reset",     [OUTCOME_TIMED_OUT] = "timed_out", [OUTCOME_BAD_GATEWAY] = "bad_gateway",
};
_Static_assert(sizeof outcome_names / sizeof *outcome_names == OUTCOME_COUNT, "a name for each outcome");

const char *link_class_name(enum link_class class)
{
	return link_names[class];
}

const char *outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}
