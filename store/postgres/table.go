package postgres

import (
	"slices"
	"strings"
)

// table holds the columns of a batch's rows for one table.
type table []field

// field is a column of a table, with its name and its type.
type field struct {
	name, of string
	values   column
}

func (t table) len() int { return t[0].values.len() }

func (t table) clear() {
	for _, f := range t {
		f.values.clear()
	}
}

func (t table) cut(n int) {
	for _, f := range t {
		f.values.cut(n)
	}
}

// names lists the columns, each written by as, except those in without.
func (t table) names(as func(name string) string, without ...string) string {
	var names []string
	for _, f := range t {
		if !slices.Contains(without, f.name) {
			names = append(names, as(f.name))
		}
	}
	return strings.Join(names, ", ")
}

// plain is a name as it is.
func plain(name string) string { return name }

// arrays returns an unnest of the columns, as a table with that alias.
func (t table) arrays(as string) string {
	var arrays []string
	for _, f := range t {
		of := f.of
		if of == "date" {
			of = "integer"
		}
		arrays = append(arrays, "?::"+of+"[]")
	}
	return "unnest(" + strings.Join(arrays, ", ") + ")\n\t\tAS " + as + " (" + t.names(plain) + ")"
}

// insert returns the statement that inserts the rows, with that alias. {applied} and {of alias} stand for what limits them to
// the changes that were applied. A column of flags that are all false is sent as NULL, and a day as a number.
func (t table) insert(into, as string) string {
	var values []string
	for _, f := range t {
		value := f.name
		switch f.of {
		case "boolean":
			value = "COALESCE(" + value + ", false)"
		case "date":
			value = "DATE '1970-01-01' + " + value
		}
		values = append(values, value)
	}
	return "\n\tINSERT INTO {schema}." + into + " (" + t.names(plain) + ")" +
		"\n\tSELECT " + strings.Join(values, ", ") + "\n\tFROM {applied}" + t.arrays(as) + "{of " + as + "}"
}

// replace is insert for rows that may exist: it overwrites all columns of a row with the same key, except those of the key and
// those that are kept.
func (t table) replace(into, as string, key []string, kept ...string) string {
	excluded := func(name string) string { return name + " = excluded." + name }
	return t.insert(into, as) + "\n\tON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " +
		t.names(excluded, slices.Concat(key, kept)...)
}
