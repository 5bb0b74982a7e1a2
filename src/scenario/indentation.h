/* Which line of a YAML file is indented wrongly: parsers report the line where they give up. */
#ifndef PKTPATH_SCENARIO_INDENTATION_H
#define PKTPATH_SCENARIO_INDENTATION_H
#include <stddef.h>
#include <stdint.h>

struct indentation {
	uint32_t line;      /* that is wrong, from 1; 0: none was found */
	uint32_t columns;   /* it is indented by */
	uint32_t like_line; /* a line that it belongs beside */
	uint32_t expected;  /* columns that one is indented by */
	uint32_t open_line; /* where a bracket opens that line `line` - or the end - leaves open; 0: none */
};

/* Of lines 1 to `until`, where the parser gave up, and what follows them. */
struct indentation indentation_find(const char *text, size_t text_bytes, uint32_t until);
#endif
