/* Signals that ask the program to end: noted here, obeyed between two steps of a run. */
#include "cli/cli.h"
#include <signal.h>
#include <string.h>

/* The one thing a signal handler may touch; a program has one set of signals. */
static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

/* Who was told to ignore a signal (nohup, a job in the background of a script) goes on ignoring it. */
static void catch (int signal, const struct sigaction *action)
{
	struct sigaction before;
	if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		(void)sigaction(signal, action, NULL);
}

void signals_catch(void)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	action.sa_flags = (int)SA_RESETHAND; /* the second one ends the program at once */
	catch (SIGINT, &action);
	catch (SIGTERM, &action);
	catch (SIGHUP, &action);
	/* A closed pipe and a file that may not grow come back as errors of the write. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

int signals_caught(void)
{
	return caught;
}
