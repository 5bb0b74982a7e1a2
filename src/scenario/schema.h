/* The language as a JSON Schema (draft 7), for editors; made from the table of keys. */
#ifndef PKTPATH_SCENARIO_SCHEMA_H
#define PKTPATH_SCENARIO_SCHEMA_H

/* *ret is text that the caller frees; 0 or -ENOMEM. */
int schema_print(char **ret);
#endif
