package document_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// same compares values as stores must keep them: nil and empty lists are equal.
var same = cmp.Options{
	cmp.Comparer(func(a, b pricing.Money) bool { return a == b }),
	cmp.Comparer(func(a, b pricing.Rate) bool { return a == b }),
	cmpopts.EquateEmpty(),
}

// source supplies the values with which a test fills a type.
type source interface {
	number() int64 // any
	text() string
	size() int // of a list
	flag() bool
}

// distinct supplies values that are never zero and never repeated. Since flags have only two values, only one of them
// differs from the others.
type distinct struct{ n, flags, unset int64 }

func (d *distinct) number() int64 { d.n++; return d.n }
func (d *distinct) text() string  { return fmt.Sprintf("text %d", d.number()) }
func (*distinct) size() int       { return 2 }
func (d *distinct) flag() bool    { d.flags++; return d.flags != d.unset }

// chosen supplies what a fuzzer chooses, and zeros after that.
type chosen struct{ bytes []byte }

func (c *chosen) take(n int) []byte {
	n = min(n, len(c.bytes))
	taken := c.bytes[:n]
	c.bytes = c.bytes[n:]
	return taken
}

func (c *chosen) byte() byte {
	b := append(c.take(1), 0)
	return b[0]
}

// number returns a small number, an end of the range, or any number.
func (c *chosen) number() int64 {
	switch kind := c.byte(); {
	case kind < 100:
		return int64(kind)
	case kind < 150:
		return math.MaxInt64 - int64(kind-100)
	case kind < 200:
		return math.MinInt64 + int64(kind-150)
	default:
		return int64(binary.LittleEndian.Uint64(append(c.take(8), make([]byte, 8)...)))
	}
}

func (c *chosen) text() string { return string(c.take(int(c.byte() % 12))) }
func (c *chosen) size() int    { return int(c.byte()%8) % 4 }
func (c *chosen) flag() bool   { return c.byte()%2 == 1 }

const (
	firstSecond = -62135596800 // of the year 1
	lastSecond  = 253402300799 // of the year 9999
)

// between maps a number into a range.
func between(least, n, most int64) int64 {
	span := uint64(most-least) + 1
	return least + int64(uint64(n)%span)
}

// fill sets v and everything in it.
func fill(v reflect.Value, from source) {
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = time.Unix(between(firstSecond, from.number()*1_000_003, lastSecond), between(0, from.number(), 999_999)*1000).UTC()
		return
	case *pricing.Date:
		*p = pricing.Date(between(firstSecond/86400, from.number(), lastSecond/86400))
		return
	case *pricing.Money:
		*p = anyMoney(from)
		return
	case *pricing.Rate:
		*p = anyRate(from)
		return
	case *pricing.Weight:
		*p = pricing.Weight(between(1, from.number(), 1_000_000))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, from)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), from.size(), 4))
		for i := range v.Len() {
			fill(v.Index(i), from)
		}
	case reflect.Pointer:
		if from.flag() {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), from)
		}
	case reflect.String:
		v.SetString(from.text())
	case reflect.Bool:
		v.SetBool(from.flag())
	case reflect.Int, reflect.Int64:
		v.SetInt(from.number())
	default:
		panic("don't know how to fill a " + v.Type().String())
	}
}

func anyMoney(from source) pricing.Money {
	currencies := []pricing.Currency{"USD", "JPY", "KWD", "CLF", "EUR"}
	m, err := pricing.FromMinor(from.number(), currencies[between(0, from.number(), 4)])
	if err != nil {
		return pricing.Money{}
	}
	return m
}

func anyRate(from source) pricing.Rate {
	digits := fmt.Sprintf("%019d", between(0, from.number(), math.MaxInt64))
	point := len(digits) - int(between(0, from.number(), pricing.MaxRateDecimals))
	r, err := pricing.ParseRate(strings.TrimSuffix(digits[:point]+"."+digits[point:], "."))
	if err != nil {
		panic(err)
	}
	return r
}

// filled returns a value with every field set to a different value. Its deliveries contain all four kinds at once,
// which real ones never do.
func filled[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), &distinct{})
	return v
}

// stored is the encoding/json form of a document.
type stored struct {
	numbered
	subscription.Application
}

type numbered struct {
	Format int `json:"format"`
}
