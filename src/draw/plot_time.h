/* The axis of virtual time that all plots share. For draw/plot*.c alone. */
#ifndef PKTPATH_DRAW_PLOT_TIME_H
#define PKTPATH_DRAW_PLOT_TIME_H
#include "draw/plot.h"

#define PLOT_LEFT 270
#define PLOT_RIGHT 110

int plot_x(int64_t ns, int64_t end_ns);
void plot_time(int64_t ns, char *text, size_t size); /* "1:30 min" */
void plot_axis(int64_t end_ns, int top, int bottom, struct buf *out);
#endif
