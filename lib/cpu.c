/*
 * Chooses among the variants.  Nothing is kept: asking the processor costs less than a read.
 */
#include "config.h"

#include "cpu.h"
#include "error.h"

#include <stdlib.h>
#include <string.h>

static bool always(void)
{
	return true;
}

#if defined __x86_64__ && defined __GNUC__
#define HAVE_X86 1
/*
 * Not every compiler knows "lzcnt", and under a hypervisor CPUID takes as long as loading hundreds of values.  A processor
 * without the instruction takes it for BSR, which counts from the other end.
 */
static bool has_lzcnt(void)
{
	unsigned zeros;

	__asm__("lzcnt %1, %0" : "=r"(zeros) : "r"(1u) : "cc");
	return zeros == 31;
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul") && has_lzcnt();
}

static bool has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

static bool has_avx512vbmi2(void)
{
	return has_avx512() && __builtin_cpu_supports("avx512vbmi2");
}
#endif

const struct fl_cpu fl_cpus[] = {
#ifdef HAVE_X86
	{"avx512vbmi2", has_avx512vbmi2, fl_index_avx512vbmi2, fl_tally_avx512, &fl_loops_avx2, &fl_fills_avx2},
	{"avx512", has_avx512, fl_index_avx512, fl_tally_avx512, &fl_loops_avx2, &fl_fills_avx2},
	{"avx2", has_avx2, fl_index_avx2, fl_tally_avx2, &fl_loops_avx2, &fl_fills_avx2},
	{"sse2", always, fl_index_sse2, fl_tally_sse2, &fl_loops_plain, &fl_fills_plain},
#elif defined __aarch64__ && defined __ARM_NEON
	{"neon", always, fl_index_neon, fl_tally_neon, &fl_loops_plain, &fl_fills_plain},
#endif
	{"portable", always, fl_index_portable, fl_tally_portable, &fl_loops_plain, &fl_fills_plain},
	{"reference", always, NULL, NULL, &fl_loops_plain, &fl_fills_plain},
	{NULL, NULL, NULL, NULL, NULL, NULL},
};

struct fl_bytes fl_bytes_of(const flat_dialect *dialect)
{
	bool quotes = dialect->quote != FLAT_NONE;

	return (struct fl_bytes){
		.delimiter = (char)dialect->delimiter,
		.quote = (char)(quotes ? dialect->quote : '\r'),
		.quotes = quotes ? ~UINT64_C(0) : 0,
	};
}

const struct fl_cpu *fl_cpu_choose(flat_error *error)
{
	const char *name = getenv("FLATLOAD_CPU");

	for (const struct fl_cpu *cpu = fl_cpus; cpu->name; cpu++)
		if (cpu->runs_here() && (!name || strcmp(name, cpu->name) == 0))
			return cpu;
	fl_error_set(error, FLAT_BAD_ARGUMENT, "FLATLOAD_CPU is \"%.60s\", which this machine has not", name);
	return NULL;
}
