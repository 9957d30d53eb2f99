/*
 * Runs tasks on threads made for them, of which the caller's is one.
 */
#include "config.h"

#include "threads.h"

#include <signal.h>

static void *run_thread(void *argument)
{
	const struct fl_thread *thread = argument;

	thread->task(thread->context, thread->index);
	return NULL;
}

void fl_run_threads(void *runner, flat_task_function *task, void *context, size_t ntasks)
{
	struct fl_thread *threads = runner;
	sigset_t all, before;
	size_t nmade = 1;

	/* Signals are the caller's affair, and are to find his threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; nmade < ntasks; nmade++) {
		threads[nmade] = (struct fl_thread){.task = task, .context = context, .index = nmade};
		if (pthread_create(&threads[nmade].id, NULL, run_thread, &threads[nmade]) != 0)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	task(context, 0);
	for (size_t i = nmade; i < ntasks; i++)
		task(context, i);
	for (size_t i = 1; i < nmade; i++)
		pthread_join(threads[i].id, NULL);
}
