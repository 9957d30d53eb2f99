/*
 * One field: its type by name and width, and its place in a line of schema.
 *
 * Whether several fields go together is the format's affair.
 */
#include "config.h"

#include "error.h"
#include "field.h"
#include "float_format.h"

#include <stdio.h>
#include <string.h>

flat_status fl_field_check(const flat_field *field, size_t index, flat_error *error)
{
	const char *reason = NULL;
	char name[64] = "";

	if (field->name)
		fl_printable(name, sizeof name, field->name, strlen(field->name));
	if (!field->name || !*field->name)
		reason = "it has no name";
	else if (!fl_is_type(field->type))
		reason = "its type is none of flat_type";
	else if (field->type == FLAT_STR && (field->width < 1 || field->width > FL_STR_MAX))
		reason = "a str has from 1 to 16777216 bytes, as in str20";
	else if (field->type != FLAT_STR && field->width != 0)
		reason = "only a str has a width";
	else if (field->nnulls && !field->nulls)
		reason = "nnulls is not 0, and nulls is NULL";
	else if (field->fixed && field->type != FLAT_F32 && field->type != FLAT_F64)
		reason = "only f32 and f64 are written with fixed digits";
	else if (field->fixed > FLAT_FIXED(FL_FIXED_DECIMALS))
		reason = "at most 350 digits stand behind the point, as in f64[.2]";
	if (!reason)
		return FLAT_OK;
	if (error && error->status == FLAT_OK)
		error->field = index + 1;
	return fl_error_set(error, FLAT_BAD_SCHEMA, "field %zu \"%s\": %s", index + 1, name, reason);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *skip_space(const char *p)
{
	while (is_space(*p))
		p++;
	return p;
}

static flat_status schema_error(flat_error *error, const char *schema, const char *at, size_t index, const char *reason)
{
	if (error && error->status == FLAT_OK) {
		error->field = index + 1;
		error->byte = (uint64_t)(at - schema);
	}
	return fl_error_set(error, FLAT_BAD_SCHEMA, "schema, field %zu (byte %zu): %s", index + 1,
			    (size_t)(at - schema), reason);
}

/* "a ""b"""  ->  a "b"; gives what follows the closing quote, NULL if there is none. */
static const char *parse_quoted_name(const char *p, char **out)
{
	for (p++; *p; p++) {
		if (*p == '"' && *++p != '"')
			return p;
		*(*out)++ = *p;
	}
	return NULL;
}

static const char *parse_plain_name(const char *p, char **out)
{
	const char *end = p + strcspn(p, ":,\"");

	while (end > p && is_space(end[-1]))
		end--;
	memcpy(*out, p, (size_t)(end - p));
	*out += end - p;
	return end;
}

/* Digits only, at least one; what is above any limit stays above it. */
static bool parse_count(const char *p, const char *end, uint32_t *count)
{
	*count = 0;
	for (const char *digit = p; digit < end; digit++) {
		if (*digit < '0' || *digit > '9')
			return false;
		if (*count <= FL_STR_MAX)
			*count = *count * 10 + (uint32_t)(*digit - '0');
	}
	return p < end;
}

/* f64[.2] -> f64, and two digits */
static bool parse_fixed(const char *p, const char **end, flat_field *field)
{
	const char *bracket = memchr(p, '[', (size_t)(*end - p));
	uint32_t digits;

	if (!bracket || bracket + 1 == *end || bracket[1] != '.')
		return true;
	if ((*end)[-1] != ']' || !parse_count(bracket + 2, *end - 1, &digits))
		return false;
	field->fixed = FLAT_FIXED(digits);
	*end = bracket;
	return true;
}

/* str20, or one of the table; gives whether it is a type. */
static bool parse_type(const char *p, const char *end, flat_field *field)
{
	size_t nbytes;

	if (!parse_fixed(p, &end, field))
		return false;
	nbytes = (size_t)(end - p);
	field->type = fl_type_named(p, nbytes);
	if (field->type != FLAT_STR && field->type)
		return true;
	if (nbytes < 4 || memcmp(p, "str", 3) != 0)
		return false;
	field->type = FLAT_STR;
	return parse_count(p + 3, end, &field->width);
}

static flat_status no_type(flat_error *error, const char *schema, const char *p, const char *end, size_t index)
{
	char text[20], reason[160]; /* so that all of it goes into an error's reason */

	fl_printable(text, sizeof text, p, (size_t)(end - p));
	snprintf(reason, sizeof reason,
		 "\"%s\" is not a type: bool, i8 to i64, u8 to u64, f32, f64, str20, text, date, timestamp[s], [ms], [us], [ns]",
		 text);
	return schema_error(error, schema, p, index, reason);
}

flat_status fl_field_parse(const char *schema, const char **at, size_t index, flat_field *field, char *name,
			   char **name_end, flat_error *error)
{
	const char *p = skip_space(*at), *end;
	char *out = name;

	*field = (flat_field){.name = name};
	if (*p == '"')
		end = parse_quoted_name(p, &out);
	else
		end = parse_plain_name(p, &out);
	if (!end)
		return schema_error(error, schema, p, index, "the quote around the name never closes");
	if (out == name)
		return schema_error(error, schema, p, index,
				    "a name is missing; a field is written NAME:TYPE, such as price:f64");
	*out++ = '\0';
	*name_end = out;
	end = skip_space(end);
	if (*end != ':')
		return schema_error(error, schema, end, index,
				    "a colon and a type are missing behind the name; a field is written NAME:TYPE, "
				    "such as price:f64");
	p = skip_space(end + 1);
	end = p + strcspn(p, ", \t\r\n");
	if (!parse_type(p, end, field))
		return no_type(error, schema, p, end, index);
	end = skip_space(end);
	if (*end != ',' && *end != '\0')
		return schema_error(error, schema, end, index, "a comma is missing behind the type");
	*at = end + (*end == ',');
	if (*end == ',' && !*skip_space(*at))
		return schema_error(error, schema, end, index + 1, "a field is missing behind the last comma");
	return FLAT_OK;
}
