package takeover

import (
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// The columns of a file, in any order. The optional ones may be left out.
const (
	columnApplication = "application"
	columnAccount     = "account"
	columnProduct     = "product"
	columnVersion     = "version"
	columnTerm        = "term"
	columnCurrency    = "currency"
	columnAnchor      = "anchor"
	columnPaidUntil   = "paid_until"
	columnMinutes     = "minutes"
	columnPaid        = "paid"       // optional
	columnAutoRenew   = "auto_renew" // optional
)

// Columns returns the names of the columns of a file, in any order. The optional ones may be left out.
func Columns() (required, optional []string) {
	return []string{
		columnApplication, columnAccount, columnProduct, columnVersion, columnTerm, columnCurrency, columnAnchor, columnPaidUntil,
		columnMinutes,
	}, []string{columnPaid, columnAutoRenew}
}

// Line is one line of a file, and what became of it.
type Line struct {
	Number      int // in the file, from 1
	Application subscription.ApplicationID
	Command     Command

	Before bool  // it was imported before
	Err    error // why it can't be read, contradicts an earlier line, or was refused

	again bool // an earlier line says the same
	bad   bool // it can't be read
}

// Code returns the name of what is wrong with a line: bad_line, duplicate, account, or a code of the SDK; "" if nothing is.
func (l *Line) Code() string {
	switch {
	case errors.Is(l.Err, ErrDuplicate):
		return "duplicate"
	case errors.Is(l.Err, ErrAccount):
		return "account"
	case l.bad:
		return "bad_line"
	}
	return string(subscription.CodeOf(l.Err))
}

// Reader reads a file. It remembers what earlier lines said, so it takes memory for each.
type Reader struct {
	csv    *csv.Reader
	source string
	at     map[string]int // the columns' places
	width  int
	seen   map[holding][sha256.Size]byte                         // what the first line of each subscription says
	payers map[subscription.ApplicationID]subscription.AccountID // who pays, by the first line of each application
}

// holding is a subscription to a product: an application has one.
type holding struct {
	application subscription.ApplicationID
	product     pricing.ProductID
}

// ErrDuplicate means that an earlier line has another subscription of the application to the product.
var ErrDuplicate = errors.New("an earlier line has another subscription of the application to the product")

// NewReader reads the header of a file. source is the name of the other system. It fails for a header that lacks a column or
// has an unknown one, with the reader's error, and for an empty file.
func NewReader(in io.Reader, source string) (*Reader, error) {
	r := &Reader{
		csv: csv.NewReader(in), source: source, at: map[string]int{}, seen: map[holding][sha256.Size]byte{},
		payers: map[subscription.ApplicationID]subscription.AccountID{},
	}
	r.csv.FieldsPerRecord, r.csv.ReuseRecord = -1, true
	header, err := r.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("the header: %w", err)
	}
	required, optional := Columns()
	for i, name := range header {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		_, twice := r.at[name]
		if twice || !slices.Contains(required, name) && !slices.Contains(optional, name) {
			return nil, fmt.Errorf("the header: column %.40q is unknown or there twice", name)
		}
		r.at[name] = i
	}
	for _, name := range required {
		if _, has := r.at[name]; !has {
			return nil, fmt.Errorf("the header: no column %q", name)
		}
	}
	r.width = len(header)
	return r, nil
}

// Next returns the next line; ok is false after the last one. A line that can't be read has an error of its own, and the rest
// of the file goes on.
func (r *Reader) Next() (l Line, ok bool, err error) {
	record, err := r.csv.Read()
	if errors.Is(err, io.EOF) {
		return Line{}, false, nil
	}
	if syntax := new(csv.ParseError); errors.As(err, &syntax) {
		return Line{Number: syntax.StartLine, Err: err, bad: true}, true, nil
	}
	if err != nil {
		return Line{}, false, err
	}
	l.Number, _ = r.csv.FieldPos(0)
	if len(record) != r.width {
		l.Err, l.bad = fmt.Errorf("%d fields, want %d", len(record), r.width), true
		return l, true, nil
	}
	l.Err = r.parse(&l, record)
	l.bad = l.Err != nil
	return l, true, nil
}

// parse fills in a line.
func (r *Reader) parse(l *Line, record []string) error {
	field := func(name string) string {
		if i, has := r.at[name]; has {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	c := &l.Command
	l.Application = subscription.ApplicationID(strings.Clone(field(columnApplication)))
	c.Account = subscription.AccountID(strings.Clone(field(columnAccount)))
	c.Product, c.Version = pricing.ProductID(strings.Clone(field(columnProduct))), pricing.VersionID(strings.Clone(field(columnVersion)))
	c.Currency, c.Source = pricing.Currency(strings.Clone(field(columnCurrency))), r.source
	var errs [6]error
	c.Term, errs[0] = term(field(columnTerm))
	c.Anchor, errs[1] = pricing.ParseDate(field(columnAnchor))
	c.PaidUntil, errs[2] = pricing.ParseDate(field(columnPaidUntil))
	c.Minutes, errs[3] = minutes(field(columnMinutes))
	if paid := field(columnPaid); paid != "" {
		c.Paid, errs[4] = pricing.ParseMoney(paid, c.Currency)
	}
	c.NoAutoRenew, errs[5] = declines(field(columnAutoRenew))
	for i, name := range []string{columnTerm, columnAnchor, columnPaidUntil, columnMinutes, columnPaid, columnAutoRenew} {
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", name, errs[i])
		}
	}
	return r.contradicts(l)
}

// contradicts returns what an earlier line says otherwise. Lines are imported many at a time, so the store can't tell which
// of two was the first.
func (r *Reader) contradicts(l *Line) error {
	c := &l.Command
	if payer, had := r.payers[l.Application]; had && payer != c.Account {
		return fmt.Errorf("%w: %q", ErrAccount, payer)
	}
	of, says := holding{l.Application, c.Product}, sha256.Sum256(fmt.Appendf(nil, "%+v", *c))
	first, had := r.seen[of]
	if had && first != says {
		return ErrDuplicate
	}
	l.again = had
	r.payers[l.Application], r.seen[of] = c.Account, says
	return nil
}

// term reads "12m" or "30d".
func term(s string) (pricing.Term, error) {
	if n, months := strings.CutSuffix(s, "m"); months {
		v, err := strconv.Atoi(n)
		return checkedTerm(pricing.Months(v), s, err)
	}
	n, days := strings.CutSuffix(s, "d")
	v, err := strconv.Atoi(n)
	if !days { // a number alone may be meant as either
		err = strconv.ErrSyntax
	}
	return checkedTerm(pricing.Days(v), s, err)
}

func checkedTerm(t pricing.Term, s string, err error) (pricing.Term, error) {
	if err != nil || t.Validate() != nil {
		return t, fmt.Errorf("%.40q, want a number of months or days such as 1m or 30d", s)
	}
	return t, nil
}

// minutes reads a number with at most three decimals.
func minutes(s string) (q subscription.Quantity, err error) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, fmt.Errorf("%.40q, want a number of minutes", s)
	}
	err = q.UnmarshalJSON([]byte(s))
	return q, err
}

// declines reads whether auto-renewal is off.
func declines(s string) (bool, error) {
	switch s {
	case "", "yes":
		return false, nil
	case "no":
		return true, nil
	}
	return false, fmt.Errorf("%.40q, want yes or no", s)
}
