package postgres

import (
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
)

// column holds one column of many rows, as the parameter of a statement that unnests it. pgx encodes it in binary
// without an allocation per value. A column with only NULLs is sent as NULL, which unnest fills up.
type column interface {
	pgtype.ArrayGetter
	lengths
	first() any // the first row's value, for a statement without arrays
}

// lengths counts and changes the rows of a column.
type lengths interface {
	len() int
	cut(n int) // keeps the first n rows
	clear()    // removes all rows and releases what they refer to
}

// values is what all columns have in common.
type values[T any] struct {
	rows []T
	some bool // at least one isn't NULL
}

func (v *values[T]) add(row T, null bool) {
	v.rows = append(v.rows, row)
	v.some = v.some || !null
}

func (v *values[T]) len() int { return len(v.rows) }

func (v *values[T]) cut(n int) { v.rows = v.rows[:n] }

func (v *values[T]) clear() {
	clear(v.rows)
	v.rows, v.some = v.rows[:0], false
}

// Dimensions implements [pgtype.ArrayGetter].
func (v *values[T]) Dimensions() []pgtype.ArrayDimension {
	if !v.some {
		return nil
	}
	return []pgtype.ArrayDimension{{Length: int32(len(v.rows)), LowerBound: 1}}
}

// texts is a column of text.
type texts struct {
	values[string]

	required bool // "" stays "" instead of becoming NULL
	cell     text
}

type text struct {
	string

	valid bool
}

func (t *texts) add(s string) error {
	t.values.add(s, s == "" && !t.required)
	return document.Text(s)
}

// Index implements [pgtype.ArrayGetter].
func (t *texts) Index(i int) any {
	t.cell = text{t.rows[i], t.required || t.rows[i] != ""}
	return &t.cell
}

// IndexType implements [pgtype.ArrayGetter].
func (t *texts) IndexType() any { return &t.cell }

func (t *texts) first() any {
	if t.rows[0] == "" && !t.required {
		return nil
	}
	return t.rows[0]
}

// TextValue implements [pgtype.TextValuer].
func (t *text) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: t.string, Valid: t.valid}, nil
}

// numbers is a column of integers.
type numbers struct {
	values[int64]

	required bool // 0 stays 0 instead of becoming NULL
	cell     number
}

type number struct {
	int64

	valid bool
}

func (n *numbers) add(i int64) { n.values.add(i, i == 0 && !n.required) }

// Index implements [pgtype.ArrayGetter].
func (n *numbers) Index(i int) any {
	n.cell = number{n.rows[i], n.required || n.rows[i] != 0}
	return &n.cell
}

// IndexType implements [pgtype.ArrayGetter].
func (n *numbers) IndexType() any { return &n.cell }

func (n *numbers) first() any {
	if n.rows[0] == 0 && !n.required {
		return nil
	}
	return n.rows[0]
}

// Int64Value implements [pgtype.Int64Valuer].
func (n *number) Int64Value() (pgtype.Int8, error) {
	return pgtype.Int8{Int64: n.int64, Valid: n.valid}, nil
}

// flags is a column of booleans. false is sent as NULL, which the statements turn back into false.
type flags struct {
	values[bool]

	cell flag
}

type flag struct{ bool }

func (f *flags) add(is bool) { f.values.add(is, !is) }

// Index implements [pgtype.ArrayGetter].
func (f *flags) Index(i int) any {
	f.cell.bool = f.rows[i]
	return &f.cell
}

// IndexType implements [pgtype.ArrayGetter].
func (f *flags) IndexType() any { return &f.cell }

func (f *flags) first() any { return f.rows[0] }

// BoolValue implements [pgtype.BoolValuer].
func (f *flag) BoolValue() (pgtype.Bool, error) { return pgtype.Bool{Bool: f.bool, Valid: f.bool}, nil }

// amounts is a column of amounts in minor units. The zero value is NULL, unlike zero dollars.
type amounts struct {
	values[pricing.Money]

	cell number
}

func (a *amounts) add(m pricing.Money) { a.values.add(m, m.IsZero()) }

// Index implements [pgtype.ArrayGetter].
func (a *amounts) Index(i int) any {
	a.cell = number{a.rows[i].Minor(), !a.rows[i].IsZero()}
	return &a.cell
}

// IndexType implements [pgtype.ArrayGetter].
func (a *amounts) IndexType() any { return &a.cell }

func (a *amounts) first() any {
	if a.rows[0].IsZero() {
		return nil
	}
	return a.rows[0].Minor()
}

// instants is a column of times; the zero time is NULL.
type instants struct {
	values[time.Time]

	cell instant
}

type instant struct{ at time.Time }

func (n *instants) add(t time.Time) { n.values.add(t, t.IsZero()) }

// Index implements [pgtype.ArrayGetter].
func (n *instants) Index(i int) any {
	n.cell.at = n.rows[i]
	return &n.cell
}

// IndexType implements [pgtype.ArrayGetter].
func (n *instants) IndexType() any { return &n.cell }

func (n *instants) first() any {
	if n.rows[0].IsZero() {
		return nil
	}
	return n.rows[0]
}

// TimestamptzValue implements [pgtype.TimestamptzValuer].
func (n *instant) TimestamptzValue() (pgtype.Timestamptz, error) {
	return pgtype.Timestamptz{Time: n.at, Valid: !n.at.IsZero()}, nil
}

// blobs is a column of bytes.
type blobs struct {
	values[[]byte]

	cell blob
}

type blob struct{ bytes []byte }

// Index implements [pgtype.ArrayGetter].
func (b *blobs) Index(i int) any {
	b.cell.bytes = b.rows[i]
	return &b.cell
}

// IndexType implements [pgtype.ArrayGetter].
func (b *blobs) IndexType() any { return &b.cell }

func (b *blobs) first() any { return b.rows[0] }

// BytesValue implements [pgtype.BytesValuer].
func (b *blob) BytesValue() ([]byte, error) { return b.bytes, nil }
