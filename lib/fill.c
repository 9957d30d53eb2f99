/*
 * Which loop fills the cells of a type.
 */
#include "config.h"

#include "cpu.h"

const struct fl_fills fl_fills_plain = {{
	[FLAT_BOOL] = fl_fill_bool,
	[FLAT_I8] = fl_fill_i8,
	[FLAT_I16] = fl_fill_i16,
	[FLAT_I32] = fl_fill_i32,
	[FLAT_I64] = fl_fill_i64,
	[FLAT_U8] = fl_fill_u8,
	[FLAT_U16] = fl_fill_u16,
	[FLAT_U32] = fl_fill_u32,
	[FLAT_U64] = fl_fill_u64,
	[FLAT_F32] = fl_fill_f32,
	[FLAT_F64] = fl_fill_f64,
	[FLAT_STR] = fl_fill_str,
	[FLAT_DATE] = fl_fill_date,
	[FLAT_TIMESTAMP_S] = fl_fill_timestamp,
	[FLAT_TIMESTAMP_MS] = fl_fill_timestamp,
	[FLAT_TIMESTAMP_US] = fl_fill_timestamp,
	[FLAT_TIMESTAMP_NS] = fl_fill_timestamp,
}};

#if defined __x86_64__ && defined __GNUC__
const struct fl_fills fl_fills_avx2 = {{
	[FLAT_I32] = fl_fill_i32_avx2,
	[FLAT_I64] = fl_fill_i64_avx2,
	[FLAT_U32] = fl_fill_u32_avx2,
	[FLAT_U64] = fl_fill_u64_avx2,
	[FLAT_F32] = fl_fill_f32_avx2,
	[FLAT_F64] = fl_fill_f64_avx2,
	[FLAT_STR] = fl_fill_str_avx2,
}};
#endif
