package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/examples/catalog"
)

// FuzzLine checks that every line is answered with exactly one line of JSON, an object that is an answer or an error,
// that the status matches, and that the tables don't panic.
func FuzzLine(f *testing.F) {
	for _, file := range []string{"input.jsonl", "bad.jsonl"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			f.Add(strings.TrimSuffix(line, "\n"))
		}
	}
	f.Add(`{"op" : "periods" , "anchor" : "2024-01-31" , "days" : 1 , "count" : 3 }`)
	cat, err := catalog.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if line = strings.ReplaceAll(line, "\n", " "); line == "" || line == "\r" {
			t.Skip("skipped, so says the contract")
		}
		var out bytes.Buffer
		failed, err := answerAll(cat, strings.NewReader(line), &out, writeJSON)
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]json.RawMessage
		answer, ended := strings.CutSuffix(out.String(), "\n")
		if !ended || strings.Contains(answer, "\n") || json.Unmarshal([]byte(answer), &object) != nil {
			t.Fatalf("not one line of JSON: %q", out.String())
		}
		if _, isError := object["error"]; isError != failed || isError && len(object) != 1 {
			t.Fatalf("failed is %t, the answer is %s", failed, answer)
		}
		if price, ok := object["price"]; ok && (len(price) < 3 || price[0] != '"' || price[1] == '-') {
			t.Fatalf("the price is %s", price)
		}
		out.Reset()
		if again, err := answerAll(cat, strings.NewReader(line), &out, writeTable); again != failed || err != nil || out.Len() == 0 {
			t.Fatalf("tables: failed is %t and was %t, %v", again, failed, err)
		}
	})
}
