package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

var update = flag.Bool("update", false, "rewrite testdata/output.txt")

// child makes the test binary the service itself, which the test kills.
const child = "PREPAID_WEBHOOK_CHILD"

func TestMain(m *testing.M) {
	if args := strings.Fields(os.Getenv(child)); len(args) == 3 {
		if err := serve(context.Background(), args[0], args[1], args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A payment that takes its time is delivered when the webhook is called, once, and mails tell of what happened.
func TestOutput(t *testing.T) {
	var out bytes.Buffer
	if err := play(t.Context(), t.TempDir(), &out); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/output.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// A call without the bank's signature, or with one of another body, reaches nothing.
func TestWebhookRefusesStrangers(t *testing.T) {
	s, err := open(t.Context(), t.TempDir(), "http://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.close() }()
	for name, tt := range map[string]struct {
		body, signature string
		want            int
	}{
		"unsigned":     {`{"attempt":"a"}`, "", 403},
		"another body": {`{"attempt":"a"}`, sign([]byte(`{"attempt":"b"}`)), 403},
		"no JSON":      {`a`, sign([]byte(`a`)), 400},
		"unknown":      {`{"attempt":"a"}`, sign([]byte(`{"attempt":"a"}`)), 500},
		"too long":     {strings.Repeat("a", noticeSize+1), sign([]byte(strings.Repeat("a", noticeSize+1))), 403},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/webhook", strings.NewReader(tt.body))
		r.Header.Set("Signature", tt.signature)
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, r)
		if w.Code != tt.want {
			t.Errorf("%s: status %d, want %d", name, w.Code, tt.want)
		}
	}
}

// killed is a service that is killed and started again.
type killed struct {
	t            *testing.T
	dir, address string
	bank         string
	mu           sync.Mutex
	process      *exec.Cmd
	kills        int
}

// start starts the service, in place of one that it kills.
func (k *killed) start() {
	k.t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.end()
	k.process = exec.CommandContext(k.t.Context(), os.Args[0])
	k.process.Env = append(os.Environ(), child+"="+strings.Join([]string{k.dir, k.address, k.bank}, " "))
	k.process.Stderr = os.Stderr
	if err := k.process.Start(); err != nil {
		k.t.Error(err)
	}
}

func (k *killed) kill() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.end()
}

func (k *killed) end() {
	if k.process != nil && k.process.Process != nil {
		_ = k.process.Process.Kill()
		_ = k.process.Wait() // it was killed
		k.process = nil
		k.kills++
	}
}

// Whenever the process is killed, every order is collected and delivered once, and no mail is forgotten.
func TestSurvivesKills(t *testing.T) {
	const customers, kills = 24, 6
	b := newBank()
	server := httptest.NewServer(b)
	defer server.Close()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	k := &killed{t: t, dir: t.TempDir(), address: address, bank: server.URL}
	k.start()
	defer func() { k.kill() }()
	url := "http://" + address

	decided := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { // the bank decides, and calls until it is heard
		for {
			for _, key := range b.pending() {
				b.decide(key, true)
				for range 500 {
					if b.call(t.Context(), url+"/webhook", key) == nil {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
			}
			select {
			case <-decided:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	for i := range customers {
		app := fmt.Sprintf("app-%d", i)
		if i%(customers/kills) == 2 {
			wait.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond) // somewhere within what follows
				k.start()
			})
		}
		status := 0
		for tries := 0; status != 202; tries++ {
			if tries == 1000 {
				t.Fatalf("%s: status %d", app, status)
			}
			if status, err = buy(t.Context(), url, app, "order"); err != nil || status != 202 {
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
	mailed := func() map[string]int {
		text, _ := os.ReadFile(filepath.Join(k.dir, "mails.log"))
		found := map[string]int{}
		for line := range strings.Lines(string(text)) {
			if id, what, _ := strings.Cut(line, ": "); strings.Contains(what, "is yours until") && strings.HasSuffix(what, "\n") {
				app, _, _ := strings.Cut(id, ".")
				found[app]++
			}
		}
		return found
	}
	for tries := 0; len(mailed()) < customers && tries < 3000; tries++ {
		time.Sleep(10 * time.Millisecond)
	}
	close(decided)
	wait.Wait()
	k.kill()
	if k.kills != kills+1 {
		t.Errorf("%d kills, want %d", k.kills, kills+1)
	}
	for i := range customers {
		if app := fmt.Sprintf("app-%d", i); mailed()[app] == 0 {
			t.Errorf("%s has no mail", app)
		}
	}
	if n := len(b.charges); n != customers {
		t.Errorf("the bank has %d charges, want %d", n, customers)
	}
	st, err := sqlite.Open(t.Context(), filepath.Join(k.dir, "billing.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	for i := range customers {
		app := subscription.ApplicationID(fmt.Sprintf("app-%d", i))
		paid := 0
		for o, err := range st.Orders(t.Context(), app) {
			if err != nil || o.Status != subscription.OrderPaid || b.charges[string(o.Attempt)].result.Status != payment.Succeeded {
				t.Errorf("%s: order %s is %s, %v", app, o.ID, o.Status, err)
			}
			paid++
		}
		if paid != 1 {
			t.Errorf("%s has %d orders, want 1", app, paid)
		}
	}
}
