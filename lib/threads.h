/*
 * Threads that are made for one call, and joined before it returns.
 */
#ifndef FL_THREADS_H
#define FL_THREADS_H

#include "flatload.h"

#include <pthread.h>

/* A thread of ours, and what it is to do. */
struct fl_thread {
	pthread_t id;
	flat_task_function *task;
	void *context;
	size_t index;
};

/* A flat_run_function(); 'runner' is room for 'ntasks' threads.  What no thread can be made for, the caller's does. */
void fl_run_threads(void *runner, flat_task_function *task, void *context, size_t ntasks);

#endif
