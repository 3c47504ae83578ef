package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/subscription"
)

// TestMinutes pins that minutes are read and written exactly, with at most three decimals.
func TestMinutes(t *testing.T) {
	type minutes struct {
		Left subscription.Quantity `json:"left"`
	}
	for text, want := range map[string]subscription.Quantity{
		"0": 0, "1": 1000, "-1": -1000, "0.5": 500, "-0.5": -500, "4.5": 4500, "0.001": 1, "100000.125": 100000125,
		"9000000000000000": 9_000_000_000_000_000_000,
	} {
		o, err := parseObject("", []byte(`{"left":`+text+`}`))
		if err != nil {
			t.Fatal(err)
		}
		var got minutes
		if err := o.into(&got); err != nil || got.Left != want {
			t.Errorf("%s: got %d, error %v, want %d", text, got.Left, err, want)
		}
		if back := string(encode(got)); back != `{"left":`+text+`}` {
			t.Errorf("%s: written as %s", text, back)
		}
	}
	for _, text := range []string{"0.0001", "1e3", "1E3", `"1"`, "true", "[]", "10000000000000000"} {
		o, err := parseObject("", []byte(`{"left":`+text+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.into(new(minutes)); subscription.CodeOf(err) != codeBadStep {
			t.Errorf("%s: error %v", text, err)
		}
	}
}

// TestEncode pins what an outcome looks like.
func TestEncode(t *testing.T) {
	type inside struct {
		Kept int `json:"kept"`
	}
	at := time.Date(2026, 3, 1, 10, 0, 0, 500000000, time.FixedZone("", 8*3600))
	got := string(encode(struct {
		inside
		Text string            `json:"text"`
		Gone string            `json:"gone,omitempty"`
		Not  string            `json:"-"`
		At   time.Time         `json:"at"`
		None time.Time         `json:"none"`
		List []string          `json:"list"`
		Map  map[string]string `json:"map"`
		Nil  *inside           `json:"nil"`
		Any  any               `json:"any"`
	}{Text: "<\"\u2028é\n>", At: at, Map: map[string]string{"b": "2", "a": "1"}, Any: true}))
	want := `{"kept":0,"text":"<\"\u2028é\n>","at":"2026-03-01T02:00:00.5Z","list":[],"map":{"a":"1","b":"2"},"any":true}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// FuzzCommands pins that whatever a line says, it is a step or a bad one, and that a command that was read is read as the same
// one from what is written of it.
func FuzzCommands(f *testing.F) {
	f.Add([]byte(`{"op":"purchase","at":"2026-03-01T10:00:00+08:00","product":"call","version":"a","term":{"months":1},"currency":"USD"}`))
	f.Add([]byte(`{"op":"release","id":"r","used":{"id":"u","product":"call","kind":"hd","at":"2026-03-01T10:00:00.5Z","seconds":60}}`))
	f.Add([]byte(`{"op":"top_up","pack":"custom","currency":"USD","minutes":30000,"quantity":null}`))
	f.Add([]byte(`{"op":"create","account":"a","account":1}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := parseStep(line, 1)
		if err == nil && commands()[s.Op] == nil {
			return
		}
		var cmd subscription.Command
		if err == nil {
			cmd, err = readCommand(s.Op, &s.fields)
		}
		if err != nil {
			if subscription.CodeOf(err) != codeBadStep {
				t.Errorf("code %s: %v", subscription.CodeOf(err), err)
			}
			return
		}
		written := encode(cmd)
		fields, err := parseObject("", written)
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		again, err := readCommand(s.Op, &fields)
		if diff := cmp.Diff(cmd, again); err != nil || diff != "" {
			t.Errorf("%s: %v: -read +again:\n%s", written, err, diff)
		}
	})
}

// TestCommandsAreReadable pins that every field of a command has a name, so that a step can say it.
func TestCommandsAreReadable(t *testing.T) {
	for kind, c := range commands() {
		for f := range c.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || name == "-" {
				t.Errorf("%s: field %s has no name", kind, f.Name)
			}
			switch name {
			case "op", "at", "app", "key", "as":
				t.Errorf("%s: field %s has the name of a field of every step", kind, name)
			}
		}
	}
}
