/* The rules of a firewall that nearly allow what it denied. */
#ifndef PKTPATH_CAUSE_FIREWALL_NEAR_H
#define PKTPATH_CAUSE_FIREWALL_NEAR_H
#include "cause/maker.h"

/* `denier`: the rule that denies; NULL where none of the file does. `called`: the name that the call gives; NULL. */
void tell_near_firewall(struct maker *maker, const struct firewall_rules *rules, const char *denier,
			const char *called);
#endif
