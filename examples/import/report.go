package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/examples/takeover"
)

// outcome is what became of a line.
type outcome struct {
	takeover.Line

	place int // in the file, from 0
}

// report counts what became of lines, and prints those that were refused in the order of the file.
type report struct {
	out      *csv.Writer
	waiting  map[int]outcome // by place, until those before have come
	next     int
	imported int
	before   int
	refused  int
}

func newReport(out io.Writer) *report {
	return &report{out: csv.NewWriter(out), waiting: map[int]outcome{}}
}

// add adds an outcome. They come in any order.
func (r *report) add(o outcome) error {
	r.waiting[o.place] = o
	for {
		o, come := r.waiting[r.next]
		if !come {
			break
		}
		delete(r.waiting, r.next)
		r.next++
		switch {
		case o.Err != nil:
			if err := r.refuse(o); err != nil {
				return err
			}
		case o.Before:
			r.before++
		default:
			r.imported++
		}
	}
	r.out.Flush()
	return r.out.Error()
}

// refuse prints a line that was refused.
func (r *report) refuse(o outcome) error {
	if r.refused == 0 {
		if err := r.out.Write([]string{"line", "application", "product", "code", "reason"}); err != nil {
			return err
		}
	}
	r.refused++
	return r.out.Write([]string{
		strconv.Itoa(o.Number), string(o.Application), string(o.Command.Product), o.Code(), o.Err.Error(),
	})
}

// progress is a line for standard error.
func (r *report) progress(verb string, took elapsed) string {
	return fmt.Sprintf("import: %d lines: %d %s, %d there before, %d refused, in %s\n",
		r.next, r.imported, verb, r.before, r.refused, took)
}

// elapsed is a clock that measures how long something takes.
type elapsed struct {
	now   func() time.Time
	began time.Time
}

func (e elapsed) String() string { return fmt.Sprintf("%.1f s", e.now().Sub(e.began).Seconds()) }
