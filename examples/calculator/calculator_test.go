package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/internal/lines"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// calculate runs the command on input and returns what it writes and its exit status.
func calculate(t *testing.T, input string, args ...string) (output string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(args, strings.NewReader(input), &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("on standard error: %s", &stderr)
	}
	return stdout.String(), status
}

// TestExamples pins one request of each sort with its answer, byte for byte.
func TestExamples(t *testing.T) {
	for _, tt := range []struct{ name, request, want string }{
		{
			"purchase",
			`{"op":"purchase","product":"call","version":"group-call","months":1,"currency":"USD","on":"2025-06-16"}`,
			`{"price":"597.00","minutes":300000,"start":"2025-06-16","end":"2025-07-16","days":30,"lines":[{"kind":"purchase","item":"call/group-call","formula":"597.00","exact":"597","amount":"597.00"}]}`,
		},
		{
			"upgrade",
			`{"op":"upgrade","currency":"USD","zone":"UTC","start":"2025-06-01","months":1,"at":"2025-06-16T10:00:00Z","from":{"list":"100.00","paid":"80.00","minutes":1000},"to":{"list":"300.00","minutes":5000},"day_count":"calendar","rounding":"half_up","future_cycles":0}`,
			`{"price":"110.00","minutes":2000,"remaining":15,"total":30,"exact":"110","lines":[{"kind":"upgrade","item":"upgrade","formula":"(300.00 − 80.00) × 15/30","exact":"110","amount":"110.00"}]}`,
		},
		{
			"periods",
			`{"op":"periods","anchor":"2024-01-31","months":1,"count":3,"zone":"UTC"}`,
			`{"periods":[{"start":"2024-01-31","end":"2024-02-29","days":29},{"start":"2024-02-29","end":"2024-03-31","days":31},{"start":"2024-03-31","end":"2024-04-30","days":30}]}`,
		},
		{
			"path",
			`{"op":"path","product":"live","from":"lite"}`,
			`{"path":["standard","pro"]}`,
		},
		{
			"packs",
			`{"op":"pack","pack":"rtc-engine-250k","quantity":3}`,
			`{"price":"681.00","minutes":750000,"lines":[{"kind":"pack","item":"rtc-engine-250k","formula":"227.00 × 3","exact":"681","amount":"681.00"}]}`,
		},
		{
			"custom pack",
			`{"op":"pack","pack":"custom","minutes":30000}`,
			`{"price":"28.80","minutes":30000,"lines":[{"kind":"pack","item":"custom","formula":"0.96 × 30000/1000","exact":"28.8","amount":"28.80"}]}`,
		},
		{
			"usage",
			`{"op":"usage","minutes":{"hd":60,"2k":240,"audio":60}}`,
			`{"price":"4.14","exact":"4.1364","package_minutes":4140,"lines":[{"kind":"usage","item":"audio","formula":"0.99 × 60/1000","exact":"0.0594","amount":"0.06"},{"kind":"usage","item":"hd","formula":"3.99 × 60/1000","exact":"0.2394","amount":"0.24"},{"kind":"usage","item":"2k","formula":"15.99 × 240/1000","exact":"3.8376","amount":"3.84"}]}`,
		},
		{
			"deduct",
			`{"op":"deduct","kind":"hd","seconds":[30,20,40]}`,
			`{"deducted":[4,0,4]}`,
		},
		{
			"estimate",
			`{"op":"estimate","product":"rtc-engine","minutes":{"hd":20000,"audio":5000}}`,
			`{"package_minutes":85000,"options":[` +
				`{"way":"packs","price":"81.60","package_minutes":85000,"lines":[{"kind":"pack","item":"custom","formula":"0.96 × 85000/1000","exact":"81.6","amount":"81.60"}]},` +
				`{"way":"pay-as-you-go","price":"84.75","package_minutes":0,"lines":[{"kind":"usage","item":"audio","formula":"0.99 × 5000/1000","exact":"4.95","amount":"4.95"},{"kind":"usage","item":"hd","formula":"3.99 × 20000/1000","exact":"79.8","amount":"79.80"}]},` +
				`{"way":"rtc-engine/lite + packs","price":"132.60","package_minutes":85000,"lines":[{"kind":"purchase","item":"rtc-engine/lite","formula":"99.00","exact":"99","amount":"99.00"},{"kind":"pack","item":"custom","formula":"0.96 × 35000/1000","exact":"33.6","amount":"33.60"}]},` +
				`{"way":"rtc-engine/lite + pay-as-you-go","price":"133.91","package_minutes":50000,"lines":[{"kind":"purchase","item":"rtc-engine/lite","formula":"99.00","exact":"99","amount":"99.00"},{"kind":"usage","item":"hd","formula":"3.99 × 8750/1000","exact":"34.9125","amount":"34.91"}]},` +
				`{"way":"rtc-engine/standard","price":"299.00","package_minutes":200000,"lines":[{"kind":"purchase","item":"rtc-engine/standard","formula":"299.00","exact":"299","amount":"299.00"}]},` +
				`{"way":"rtc-engine/pro","price":"899.00","package_minutes":800000,"lines":[{"kind":"purchase","item":"rtc-engine/pro","formula":"899.00","exact":"899","amount":"899.00"}]}]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, status := calculate(t, tt.request)
			if diff := cmp.Diff(tt.want+"\n", got); diff != "" || status != allAnswered {
				t.Errorf("status %d (-want +got):\n%s", status, diff)
			}
		})
	}
}

// TestWorkedUpgrades pins the worked upgrade from 199.00 (100,000 minutes) to 597.00 (300,000 minutes),
// by figures and by versions of the sample catalog.
func TestWorkedUpgrades(t *testing.T) {
	for _, tt := range []struct {
		ratio, start, at string
		price            string
		minutes          int64
		discounted       string // where the current package was bought at 99.00
	}{
		{"31/31", "2025-07-01", "2025-07-01", "398.00", 200_000, "498.00"},
		{"16/31", "2025-07-01", "2025-07-16", "205.42", 103_225, "257.03"},
		{"15/31", "2025-07-01", "2025-07-17", "192.58", 96_774, "240.97"},
		{"15/30", "2025-06-01", "2025-06-16", "199.00", 100_000, "249.00"},
		{"10/28", "2025-02-01", "2025-02-19", "142.14", 71_428, "177.86"},
		{"1/31", "2025-07-01", "2025-07-31", "12.84", 6_451, "16.06"},
	} {
		frame := fmt.Sprintf(`"op":"upgrade","currency":"USD","start":%q,"months":1,"at":%q`, tt.start, tt.at)
		for name, c := range map[string]struct{ sides, price string }{
			"figures":            {`"from":{"list":"199.00","minutes":100000},"to":{"list":"597.00","minutes":300000}`, tt.price},
			"figures discounted": {`"from":{"list":"199.00","paid":"99.00","minutes":100000},"to":{"list":"597.00","minutes":300000}`, tt.discounted},
			"versions":           {`"product":"call","from":{"version":"one-to-one"},"to":{"version":"group-call"}`, tt.price},
			"versions discounted": {
				`"product":"call","from":{"version":"one-to-one","paid":"99.00"},"to":{"version":"group-call"}`, tt.discounted,
			},
		} {
			t.Run(tt.ratio+" "+name, func(t *testing.T) {
				got := ask(t, "{"+frame+","+c.sides+"}")
				ratio := fmt.Sprintf("%d/%d", got.Remaining, got.Total)
				if got.Price != c.price || got.Minutes != tt.minutes || ratio != tt.ratio {
					t.Errorf("got %s and %d minutes for %s, want %s and %d for %s",
						got.Price, got.Minutes, ratio, c.price, tt.minutes, tt.ratio)
				}
			})
		}
	}
}

// ask returns the answer to an upgrade.
func ask(t *testing.T, request string) upgraded {
	t.Helper()
	output, status := calculate(t, request)
	var got upgraded
	if err := json.Unmarshal([]byte(output), &got); err != nil || status != allAnswered {
		t.Fatalf("status %d: %s", status, output)
	}
	return got
}

// TestFutureCycles pins that a cycle paid for ahead costs the full difference to the list price, not
// to the discounted one.
func TestFutureCycles(t *testing.T) {
	got := ask(t, `{"op":"upgrade","product":"call","currency":"USD","start":"2025-06-01","months":1,"at":"2025-06-16","from":{"version":"one-to-one","paid":"99.00"},"to":{"version":"group-call"},"future_cycles":2}`)
	if got.Price != "1045.00" || got.Minutes != 100_000 || len(got.Lines) != 3 { // 249 + 2 × 398
		t.Errorf("got %s, %d minutes and %d lines", got.Price, got.Minutes, len(got.Lines))
	}
	if diff := cmp.Diff([]int64{200_000, 200_000}, got.FutureMinutes); diff != "" {
		t.Errorf("future minutes (-want +got):\n%s", diff)
	}
}

// TestElapsed pins the period that starts at an instant and is measured in seconds.
func TestElapsed(t *testing.T) {
	const day = 24 * 60 * 60
	for _, tt := range []struct {
		name, zone, start, at string
		remaining, total      int64
	}{
		{"a quarter is left", "UTC", "2025-06-01T12:00:00Z", "2025-06-24T00:00:00Z", 30 * day / 4, 30 * day},
		{"first second", "UTC", "2025-06-01T12:00:00Z", "2025-06-01T12:00:00Z", 30 * day, 30 * day},
		{"last second", "UTC", "2025-06-01T12:00:00Z", "2025-07-01T11:59:59Z", 1, 30 * day},
		{"within the last second", "UTC", "2025-06-01T12:00:00.9Z", "2025-07-01T11:59:59.95Z", 1, 30 * day},
		{"from a day", "UTC", "2025-06-01", "2025-06-16", 15 * day, 30 * day},
		{"month's end", "UTC", "2025-01-31T08:00:00Z", "2025-01-31T08:00:00Z", 28 * day, 28 * day},
		{"the zone's month", "Asia/Shanghai", "2025-01-31T17:00:00Z", "2025-01-31T17:00:00Z", 28 * day, 28 * day},
		{"an hour is lost", "Europe/Berlin", "2025-03-15T12:00:00+01:00", "2025-03-15T12:00:00+01:00", 31*day - 3600, 31*day - 3600},
		{"an hour is won", "Europe/Berlin", "2025-10-15T12:00:00+02:00", "2025-10-15T12:00:00+02:00", 31*day + 3600, 31*day + 3600},
		{"ends in the skipped hour", "Europe/Berlin", "2025-02-28T02:30:00+01:00", "2025-02-28T02:30:00+01:00", 28 * day, 28 * day},
		{"ends at the end of the gap", "Europe/Berlin", "2025-02-28T02:30:00+01:00", "2025-03-28T02:29:59+01:00", 1, 28 * day},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, fmt.Sprintf(`{"op":"upgrade","currency":"USD","zone":%q,"start":%q,"months":1,"at":%q,"day_count":"elapsed","from":{"list":"0.00"},"to":{"list":"1.00"}}`,
				tt.zone, tt.start, tt.at))
			if got.Remaining != tt.remaining || got.Total != tt.total {
				t.Errorf("got %d/%d, want %d/%d", got.Remaining, got.Total, tt.remaining, tt.total)
			}
		})
	}
}

// TestElapsedInGap pins where a period ends whose last time of the clock is skipped or shown twice.
func TestElapsedInGap(t *testing.T) {
	for _, tt := range []struct {
		name, start string
		days        int
		total       int64
	}{
		{"skipped: the end of the gap", "2025-03-29T02:30:00+01:00", 1, 23*3600 + 1800},
		{"twice: the first", "2025-10-25T02:30:00+02:00", 1, 24 * 3600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ask(t, fmt.Sprintf(`{"op":"upgrade","currency":"USD","zone":"Europe/Berlin","start":"%[1]s","days":%[2]d,"at":"%[1]s","day_count":"elapsed","from":{"list":"0.00"},"to":{"list":"1.00"}}`,
				tt.start, tt.days))
			if got.Total != tt.total {
				t.Errorf("got %d seconds, want %d", got.Total, tt.total)
			}
		})
	}
}

// TestZone pins that days are those of the zone: the 15th at 20:00 UTC is the 16th in Shanghai, and the 1st at
// 00:00 UTC, when the period starts, is the 31st in New York.
func TestZone(t *testing.T) {
	const request = `{"op":"upgrade","currency":"USD","zone":"%s","start":"2025-06-01T00:00:00Z","months":1,"at":"2025-06-15T20:00:00Z","from":{"list":"0.00"},"to":{"list":"1.00"}}`
	for zone, want := range map[string]int64{"UTC": 16, "Asia/Shanghai": 15, "America/New_York": 15} {
		if got := ask(t, fmt.Sprintf(request, zone)); got.Remaining != want {
			t.Errorf("%s: %d days are left, want %d", zone, got.Remaining, want)
		}
	}
}

// TestGolden compares long inputs with what was answered before. -update rewrites the answers.
func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		input, output string
		args          []string
		status        int
	}{
		{"input.jsonl", "output.jsonl", nil, allAnswered},
		{"input.jsonl", "output.txt", []string{"-table"}, allAnswered},
		{"bad.jsonl", "bad-output.jsonl", nil, someFailed},
		{"bad.jsonl", "bad-output.txt", []string{"-table"}, someFailed},
		{"plan.jsonl", "plan-output.jsonl", []string{"-catalog", filepath.Join("testdata", "plan.json")}, someFailed},
	} {
		t.Run(tt.output, func(t *testing.T) {
			input, err := os.ReadFile(filepath.Join("testdata", tt.input))
			if err != nil {
				t.Fatal(err)
			}
			got, status := calculate(t, string(input), tt.args...)
			if status != tt.status {
				t.Errorf("status is %d, want %d", status, tt.status)
			}
			golden := filepath.Join("testdata", tt.output)
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestGoOn pins that a bad line is answered in its place, that the others are answered all the same,
// and that empty lines are skipped.
func TestGoOn(t *testing.T) {
	const good, bad = `{"op":"path","product":"live","from":"standard"}`, `{"op":`
	input := good + "\n" + bad + "\r\n\n\r\n" + good + "\r\n \n" + strings.Repeat("x", lines.Max+1) + "\n" + good
	output, status := calculate(t, input)
	if status != someFailed {
		t.Errorf("status is %d, want %d", status, someFailed)
	}
	const answered = `{"path":["pro"]}`
	want := []string{
		answered, `{"error":"not JSON: unexpected end of JSON input"}`, answered,
		`{"error":"not JSON: unexpected end of JSON input"}`, `{"error":"the line is longer than 1048576 bytes"}`, answered, "",
	}
	if diff := cmp.Diff(want, strings.Split(output, "\n")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLongestLine pins the bound of a line to the byte, whatever its end.
func TestLongestLine(t *testing.T) {
	const request = `{"op":"path","product":"live","from":"standard"}`
	longest := strings.Repeat(" ", lines.Max-len(request)) + request
	for _, end := range []string{"", "\n", "\r\n"} {
		if output, status := calculate(t, longest+end); status != allAnswered {
			t.Errorf("with end %q: %s", end, output)
		}
		if output, status := calculate(t, " "+longest+end); status != someFailed || !strings.Contains(output, "longer than") {
			t.Errorf("one byte more, with end %q: status %d, %.80s", end, status, output)
		}
	}
}

// TestAnswersAtOnce pins that an answer is written before the next request is waited for.
func TestAnswersAtOnce(t *testing.T) {
	asked := 0
	var stdout bytes.Buffer
	in := readerFunc(func(p []byte) (int, error) {
		if got := strings.Count(stdout.String(), "\n"); got != asked {
			t.Errorf("%d answers to %d requests", got, asked)
		}
		if asked == 3 {
			return 0, errors.New("the line was cut")
		}
		asked++
		return copy(p, `{"op":"path","product":"live","from":"pro"}`+"\n"), nil
	})
	var stderr bytes.Buffer
	if status := run(nil, in, &stdout, &stderr); status != someFailed || !strings.Contains(stderr.String(), "the line was cut") {
		t.Errorf("status %d, %q on standard error", status, &stderr)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestBrokenInput pins that a line whose end could not be read is not answered.
func TestBrokenInput(t *testing.T) {
	in := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(`{"op":"path","product":"live","from":"pro"}`)))
	var stdout, stderr bytes.Buffer
	if status := run(nil, in, &stdout, &stderr); status != someFailed || stdout.Len() > 0 || stderr.Len() == 0 {
		t.Errorf("status %d, output %q, error %q", status, &stdout, &stderr)
	}
}

// TestBrokenOutput pins that an answer that can't be written is a failure.
func TestBrokenOutput(t *testing.T) {
	var stderr bytes.Buffer
	status := run(nil, strings.NewReader(`{"op":"path","product":"live","from":"pro"}`), brokenWriter{}, &stderr)
	if status != someFailed || !strings.Contains(stderr.String(), "disk full") {
		t.Errorf("status %d, error %q", status, &stderr)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestNoStart pins what ends the command before it answers anything.
func TestNoStart(t *testing.T) {
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"unknown flag", []string{"-nope"}, noStart, "-nope"},
		{"argument", []string{"requests.jsonl"}, noStart, "standard input"},
		{"no such catalog", []string{"-catalog", filepath.Join("testdata", "none.json")}, noStart, "none.json"},
		{"not a catalog", []string{"-catalog", filepath.Join("testdata", "input.jsonl")}, noStart, "problem"},
		{"help", []string{"-h"}, allAnswered, "-catalog FILE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(tt.args, strings.NewReader(`{"op":"path","product":"live","from":"pro"}`), &stdout, &stderr)
			if status != tt.status || stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("status %d, output %q, error %q", status, &stdout, &stderr)
			}
		})
	}
}
