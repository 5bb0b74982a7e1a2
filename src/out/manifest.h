/* The list of files in the report.json of an earlier run. */
#ifndef PKTPATH_OUT_MANIFEST_H
#define PKTPATH_OUT_MANIFEST_H
#include <stddef.h>

#define MANIFEST_FILE "report.json"

#define MANIFEST_PAGE "report.html" /* what is made of the report afterwards */

/* The strings of the member "files" of report.json in the directory, and behind them the page, which tells of that run
 * and of no other. What cannot be read, is no JSON or says nothing of files gives none. 0 or -ENOMEM. */
int manifest_read(int directory_fd, char ***ret_names, size_t *ret_n);
void manifest_free(char **names, size_t n);
#endif
