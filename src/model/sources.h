/* The order of a model's sources. */
#ifndef PKTPATH_MODEL_SOURCES_H
#define PKTPATH_MODEL_SOURCES_H
/* Of struct source_config, by file, line and column; for qsort() and bsearch(). */
int source_compare(const void *a, const void *b);
#endif
