package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// oddTexts returns texts that aren't UTF-8 or have a NUL byte.
func oddTexts() []struct{ name, text string } {
	return []struct{ name, text string }{
		{"a NUL byte", "a\x00b"},
		{"a lone continuation byte", "a\x80b"},
		{"a rune that is cut off", "caf\xc3"},
		{"a surrogate half", "a\xed\xa0\xbdb"},
		{"an overlong form", "..\xc0\xaf"},
		{"a rune beyond the last", "\xf4\x90\x80\x80"},
	}
}

// spot is the location of a text anywhere in a change.
type spot struct {
	path string
	put  func(c *subscription.Change, text string)
}

// spots returns the locations of every text of a [sample] that a caller, a gateway or a catalog can choose. The other
// texts name their application or belong to a closed set.
func spots() []spot {
	all := []spot{{"Application", func(c *subscription.Change, text string) { rename(c, subscription.ApplicationID(text)) }}}
	c := sample("a", 0, 0)
	for _, at := range textsOf(reflect.ValueOf(&c).Elem(), "", nil) {
		all = append(all, spot{at.path, func(c *subscription.Change, text string) {
			v := reflect.ValueOf(c).Elem()
			for _, step := range at.steps {
				switch v.Kind() {
				case reflect.Slice:
					v = v.Index(step)
				case reflect.Pointer:
					v = v.Elem()
				default:
					v = v.Field(step)
				}
			}
			v.SetString(text)
		}})
	}
	return all
}

// route is the path to a text.
type route struct {
	path  string
	steps []int // item or field indices; any value for a pointer
}

// textsOf collects the texts of v. It visits one element of a list, with two exceptions: for orders it visits the
// second, which is paid and not in the document, and for deliveries all, since each is of a different kind.
func textsOf(v reflect.Value, path string, steps []int) []route {
	step := func(n int) []int { return append(slices.Clip(steps), n) }
	switch v.Kind() {
	case reflect.String:
		name := path[strings.LastIndexByte(path, '.')+1:]
		closed := choices(v.Type()) != nil && v.Type() != reflect.TypeFor[payment.Reason]() // defined by the gateway
		if closed || name == "Application" || path == "Next.ID" || strings.HasPrefix(path, "Receipts.Order.") {
			return nil
		}
		return []route{{path, steps}}
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return textsOf(v.Elem(), path, step(0))
	case reflect.Slice:
		switch {
		case v.Len() == 0:
			return nil
		case path == "Orders":
			return textsOf(v.Index(1), path, step(1))
		case !strings.HasSuffix(path, "Deliveries"):
			return textsOf(v.Index(0), path, step(0))
		}
		var all []route
		for i := range v.Len() {
			all = append(all, textsOf(v.Index(i), path, step(i))...)
		}
		return all
	case reflect.Struct:
		if opaque(v.Type()) {
			return nil
		}
		var all []route
		for i := range v.NumField() {
			all = append(all, textsOf(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."), step(i))...)
		}
		return all
	}
	return nil
}

// rename moves a change to another application.
func rename(c *subscription.Change, id subscription.ApplicationID) {
	c.Application, c.Next.ID = id, id
	for i := range c.Next.Orders {
		c.Next.Orders[i].Application = id
	}
	for i := range c.Next.Refunds {
		c.Next.Refunds[i].Application = id
	}
	for i := range c.Refunds {
		c.Refunds[i].Application = id
	}
	for i := range c.Subscriptions {
		c.Subscriptions[i].Application = id
	}
	for i := range c.Orders {
		c.Orders[i].Application = id
	}
	for i := range c.Entries {
		c.Entries[i].Application = id
	}
	for i := range c.Events {
		c.Events[i].Application = id
	}
	for i := range c.Receipts {
		c.Receipts[i].Application = id
	}
}

// largeSpots returns the locations where a text of a mebibyte can come from outside.
func largeSpots() []spot {
	wanted := map[string]bool{
		"Next.Account": true, "Next.Accepted.Agreement": true, "Next.Orders.Note": true, "Next.Orders.Reference": true,
		"Orders.Agreement": true, "Orders.Lines.Item": true, "Orders.Reason": true, "Orders.Note": true, "Orders.Reference": true,
		"Entries.Order": true, "Events.Note": true, "Events.Reason": true, "Receipts.Key": true, "Records.ID": true,
		"Orders.Action.Value": true, "Orders.Taxes.Name": true, "Refunds.ID": true, "Refunds.Note": true, "Refunds.Reason": true,
		"Refunds.Reference": true, "Next.Refunds.Note": true, "Next.Tax.Number": true, "Subscriptions.Account": true,
	}
	var all []spot
	for _, s := range spots() {
		if wanted[s.path] {
			all = append(all, s)
		}
	}
	return all
}

// large returns a text of n bytes that doesn't compress well.
func large(n int) string {
	var b strings.Builder
	for x := uint64(1); b.Len() < n; {
		x = x*6364136223846793005 + 1442695040888963407
		fmt.Fprintf(&b, "%016x", x^x>>29)
	}
	return b.String()[:n]
}
