/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blacklist.h"

#include "pattern.h"

static const struct conf_node *last_value(const struct conf_node *section, const char *key)
{
	const struct conf_node *last = NULL;

	for (const struct conf_node *n = section->child; n; n = n->next)
		if (n->value && streq(n->key, key))
			last = n;
	return last;
}

struct rule {
	const struct conf_node *section, *node;
};

/* A "device" of the list @top that this disk is one of; either of its two words may be left out. */
static bool find_device(const struct conf_node *top, const struct path_facts *f, struct rule *out)
{
	for (const struct conf_node *n = top->child; n; n = n->next) {
		const struct conf_node *vendor, *product;

		if (!n->is_section || !streq(n->key, "device"))
			continue;
		vendor = last_value(n, "vendor");
		product = last_value(n, "product");
		if ((!vendor && !product) || (vendor && !pattern_matches_or_not(vendor->value, f->vendor)) || (product && !pattern_matches_or_not(product->value, f->product)))
			continue;
		*out = (struct rule) { n, product ? product : vendor };
		return true;
	}
	return false;
}

static bool find_text(const struct conf_node *top, const char *class, const char *text, struct rule *out)
{
	for (const struct conf_node *n = top->child; n; n = n->next) {
		if (n->value && streq(n->key, class) && pattern_matches_or_not(n->value, text)) {
			*out = (struct rule) { top, n };
			return true;
		}
	}
	return false;
}

static bool find_in(const struct blacklist_in *in, const char *list, const char *class, const char *text, struct rule *out)
{
	for (const struct conf_node *top = in->config->first; top; top = top->next) {
		if (!top->is_section || !streq(top->key, list))
			continue;
		if (text ? find_text(top, class, text, out) : find_device(top, in->facts, out))
			return true;
	}
	return false;
}

/* True when the question is settled: the disk is blacklisted. @text is NULL for the class device. */
static bool check_class(const struct blacklist_in *in, const char *class, const char *text, struct blacklist_verdict *out)
{
	struct rule listed, exception;

	if (!find_in(in, "blacklist", class, text, &listed))
		return false;
	if (find_in(in, "blacklist_exceptions", class, text, &exception)) {
		if (!out->exception) {
			out->exception = exception.node;
			out->exception_section = exception.section;
		}
		return false;
	}
	out->is_blacklisted = true;
	out->class = class;
	out->section = listed.section;
	out->rule = listed.node;
	return true;
}

static const struct conf_node *any_property_exception(const struct blacklist_in *in, const struct conf_node **section)
{
	for (const struct conf_node *top = in->config->first; top; top = top->next) {
		const struct conf_node *n = top->is_section && streq(top->key, "blacklist_exceptions") ? last_value(top, "property") : NULL;

		if (n) {
			*section = top;
			return n;
		}
	}
	return NULL;
}

/*
 * A disk must have one of the properties that the exceptions name, unless udev does not know its WWID. The first property that a list names, in
 * the order of their names, settles the question.
 */
static bool check_properties(const struct blacklist_in *in, struct blacklist_verdict *out)
{
	struct rule ignored;
	bool has_uid = false;

	if (!in->properties)
		return false;
	for (const char *const *p = in->properties; *p; p++) {
		has_uid = has_uid || streq(*p, in->uid_attribute);
		if (find_in(in, "blacklist_exceptions", "property", *p, &ignored))
			return false;
		if (check_class(in, "property", *p, out))
			return true;
	}
	out->rule = any_property_exception(in, &out->section);
	if (!out->rule || !has_uid) {
		out->rule = out->section = NULL;
		return false;
	}
	out->is_blacklisted = out->lacks_property = true;
	out->class = "property";
	return true;
}

void blacklist_check(const struct blacklist_in *in, struct blacklist_verdict *out)
{
	*out = (struct blacklist_verdict) { .class = NULL };
	if (check_properties(in, out) || check_class(in, "devnode", in->facts->name, out) || check_class(in, "device", NULL, out) ||
	    check_class(in, "protocol", in->facts->protocol, out))
		return;
	if (in->wwid)
		check_class(in, "wwid", in->wwid, out);
}
