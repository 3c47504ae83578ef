package sqlite_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
)

// killed names the file in the environment of the process that is killed.
const killed = "PREPAID_TEST_ACCOUNTS"

func killedCharge(tb testing.TB, i int) payment.Charge {
	tb.Helper()
	return payment.Charge{Key: "k" + strconv.Itoa(i), Account: "acme", Amount: dollars(tb, 1)}
}

// A process is killed in the midst of its charges. What was answered is on record, nothing is there by halves, and
// the same keys again collect once each.
func TestAccountsKilled(t *testing.T) {
	if path := os.Getenv(killed); path != "" {
		a := accounts(t, path)
		for i := 0; ; i++ {
			r, err := a.Charge(t.Context(), killedCharge(t, i))
			fmt.Println(i, r.Reference, err)
		}
	}
	path := filepath.Join(t.TempDir(), "accounts.db")
	a := accounts(t, path)
	wealthy(t, a)
	const kills, perKill = 3, 200
	answered := make(map[int]string)
	for range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAccountsKilled$")
		cmd.Env = append(os.Environ(), killed+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, enough := bufio.NewScanner(out), len(answered)+perKill // those of before are repeated
		for n := 0; n < enough && lines.Scan(); n++ {
			var i int
			var reference, failed string
			if _, err := fmt.Sscan(lines.Text(), &i, &reference, &failed); err != nil || failed != "<nil>" {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			if before := answered[i]; before != "" && before != reference {
				t.Errorf("charge %d has the reference %s, before %s", i, reference, before)
			}
			answered[i] = reference
		}
		time.Sleep(rand.N(3 * time.Millisecond))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	if len(answered) < kills*perKill {
		t.Fatalf("%d charges were answered", len(answered))
	}
	moved := make(map[string]int)
	for m, err := range a.Statement(t.Context(), "acme") {
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind == balance.Charged {
			moved[m.Key] = m.Number
		}
	}
	for i, reference := range answered {
		if r, err := a.Charge(t.Context(), killedCharge(t, i)); err != nil || r.Reference != reference {
			t.Errorf("charge %d: %+v, %v; answered before with %s", i, r, err, reference)
		}
		if strconv.Itoa(moved["k"+strconv.Itoa(i)]) != reference {
			t.Errorf("charge %d has no movement %s", i, reference)
		}
	}
	if got, err := a.Balance(t.Context(), "acme", "USD"); err != nil || got != dollars(t, int64(10_000-len(moved))) {
		t.Errorf("Balance = %s, %v, after %d charges of 0.01", got, err, len(moved))
	}
	t.Logf("%d charges were heard of, %d happened", len(answered), len(moved))
}
