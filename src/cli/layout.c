/* A graph laid out by Graphviz' dot, where that is installed: a program of its own, which reads the graph from a file
 * without a name and writes what it found into a pipe. */
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int spawn(int in, int out, pid_t *ret)
{
	static char program[] = "dot", format[] = "-Tjson0";
	char *const words[] = {program, format, NULL};
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (r == 0) /* what it thinks of our graph is not for users */
		r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = posix_spawnp(ret, program, &actions, NULL, words, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* All that comes, until the other end is closed. */
static int read_all(int from, char **ret, size_t *ret_bytes)
{
	size_t capacity = 1 << 16, n = 0;
	char *text = malloc(capacity);
	for (;;) {
		if (text && n == capacity) {
			char *grown = realloc(text, capacity *= 2);
			if (!grown)
				free(text);
			text = grown;
		}
		if (!text)
			return -ENOMEM;
		ssize_t r = read(from, text + n, capacity - n);
		if (r < 0 && errno == EINTR && !signals_caught())
			continue;
		if (r < 0) {
			free(text);
			return -errno;
		}
		if (r == 0)
			break;
		n += (size_t)r;
	}
	*ret = text;
	*ret_bytes = n;
	return 0;
}

static int run(FILE *graph, char **ret, size_t *ret_bytes)
{
	int ends[2], status = 0;
	pid_t child = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int r = spawn(fileno(graph), ends[1], &child);
	(void)close(ends[1]);
	if (r == 0)
		r = read_all(ends[0], ret, ret_bytes);
	(void)close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
		free(*ret);
		*ret = NULL;
		return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EPROTO;
	}
	return r;
}

int layout_by_dot(const char *graph, size_t bytes, char **ret, size_t *ret_bytes)
{
	FILE *file = tmpfile();
	*ret = NULL;
	*ret_bytes = 0;
	if (!file)
		return -errno;
	int r = fwrite(graph, 1, bytes, file) == bytes && fflush(file) == 0 ? 0 : -errno;
	rewind(file);
	r = r < 0 ? r : run(file, ret, ret_bytes);
	(void)fclose(file);
	return r;
}
