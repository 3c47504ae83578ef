package document_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

var update = flag.Bool("update", false, "write the golden documents of the current format")

// scenes make the documents of testdata with the module's commands; the nil one has every field set.
var scenes = map[string]func(s *shop){
	"created":     func(*shop) {},
	"every_field": nil,
	"in_service": func(s *shop) {
		first := buy("call", "one-to-one", 1)
		first.Offer = "first-month"
		s.paid(first)
		trial := buy("live", "trial", 0)
		trial.Term, trial.Currency = pricing.Days(14), "JPY"
		s.paid(trial)
		s.now = s.now.AddDate(0, 0, 9)
		s.paid(renewal.Renew{Product: "call", Cycles: 2})
		s.now = s.now.AddDate(0, 1, 0)
		s.paid(subscription.Upgrade{Product: "call", To: "group-call"})
		s.use("audience-full-hd", 119)
		s.use("audience-full-hd", -59) // a returned lot
		year := buy("live", "lite", 12)
		year.Currency = "JPY"
		s.paid(year)
		s.do(subscription.AutoRenew{Product: "live"})
		s.work()
	},
	"minutes": func(s *shop) {
		s.do(subscription.ClaimFree{Free: "starter"})
		s.do(subscription.ClaimFree{Free: "welcome"})
		s.paid(pack())
		s.paid(topup.Buy{Pack: "custom", Minutes: 30_000, Currency: "USD"})
		s.do(subscription.EnablePayAsYouGo{Currency: "USD"})
		s.use("audio", 900*60) // a warning, and a remainder
		s.use("transcoding", 1_234_567)
		s.use("audience-full-hd", 30)
		s.do(subscription.Reserve{ID: "call \"1", Product: "call", Usage: "audience-full-hd", Minutes: 50, Until: s.now.Add(48 * time.Hour)})
		s.now = s.now.AddDate(0, 0, 2)
		s.gateway.charge = payment.Declined
		s.work()
		s.do(subscription.Reserve{ID: "call 2", Product: "call", Usage: "audio", Minutes: 1, Until: s.now.Add(time.Hour)})
		s.use("transcoding", 1)
		s.use("audio", 60_000*60)
	},
	"orders": func(s *shop) {
		s.paid(buy("call", "one-to-one", 1))
		s.paid(renewal.Renew{Product: "call", Cycles: 2})
		s.do(subscription.EnablePayAsYouGo{Currency: "USD"})
		s.use("transcoding", 1_234_567)
		s.now = s.now.AddDate(0, 0, 3)
		s.pending(subscription.BillUsage{})
		s.pending(subscription.Upgrade{Product: "call", To: "group-call"})
		s.pending(topup.Buy{Pack: "custom", Minutes: 30_000, Currency: "USD"})
		s.settle(s.pending(buy("live", "lite", 12)), "12.90 USD") // review
		s.do(subscription.Cancel{Order: s.pending(buy("beauty-ar", "pro", 1)).ID})
		for _, refund := range []payment.Status{payment.Pending, payment.Declined} { // refund_due and stray
			s.gateway.refund = refund
			o := s.pending(pack())
			s.do(subscription.Cancel{Order: o.ID})
			s.settle(o, "")
			s.now = s.now.Add(time.Second)
		}
	},
	"renewing": func(s *shop) {
		s.paid(buy("call", "one-to-one", 1))
		s.paid(buy("beauty-ar", "pro", 1))
		s.do(subscription.AutoRenew{Product: "beauty-ar"})
		s.useOf("beauty-ar", "audio", 24*60) // of an overdraft
		s.gateway.charge = payment.Declined
		s.now = time.Date(2025, 7, 14, 16, 0, 0, 0, time.UTC)
		s.work()
		s.gateway.charge = payment.Pending
		s.now = time.Date(2025, 7, 15, 20, 0, 0, 0, time.UTC)
		s.work()
	},
	"interrupted": func(s *shop) {
		s.paid(buy("call", "one-to-one", 1))
		trial := buy("live", "trial", 0)
		trial.Term = pricing.Days(14)
		s.paid(trial)
		s.do(subscription.EnablePayAsYouGo{Currency: "USD"})
		s.now = time.Date(2025, 7, 14, 16, 0, 0, 0, time.UTC)
		s.use("transcoding", 1_234_567)
		s.gateway.charge = payment.Declined
		s.now = time.Date(2025, 7, 16, 16, 0, 0, 0, time.UTC)
		s.work()
		s.now = time.Date(2025, 7, 17, 16, 0, 0, 0, time.UTC)
		s.work()
	},
}

// written are the directories of golden documents: those of a format, as an earlier version of this module wrote them or, in
// the last one, as it writes them now.
var written = []string{"format1", "format2_0.1.0", "format2"}

// now is where the documents are that the module writes.
var now = written[len(written)-1]

// goldenName returns the file of a scene.
func goldenName(directory, scene string) string {
	return filepath.Join("testdata", directory, scene+".json")
}

// Each scene's document is decoded to the same value. With -update it becomes the golden file of the current format.
func TestScenes(t *testing.T) {
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			want := filled[subscription.Application]()
			if scene != nil {
				s := newShop(t)
				scene(s)
				want = s.stored()
			}
			b := encode(t, want)
			equal(t, "decoded", decode(t, b), want)
			equal(t, "decoded by encoding/json", unmarshal[stored](t, minutes[stored](t, b)).Application, want)
			if *update {
				if err := os.WriteFile(goldenName(now, name), append(b, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := os.Stat(goldenName(now, name)); err != nil {
				t.Errorf("no golden document: %v; run with -update", err)
			}
		})
	}
}

// Documents of every format can be decoded, whatever version wrote them, and a document is encoded in one way.
// Rule: formats-are-read-forever.
func TestGoldenDocuments(t *testing.T) {
	for _, directory := range written {
		files, err := filepath.Glob(goldenName(directory, "*"))
		if err != nil || len(files) != len(scenes) {
			t.Fatalf("%s has the golden documents %v, %v", directory, files, err)
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				b, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				a := decode(t, b)
				again := encode(t, a)
				equal(t, "decoded again", decode(t, again), a)
				if directory == now {
					equal(t, "bytes", string(again)+"\n", string(b))
				}
			})
		}
	}
}

// The golden documents of the current format cover every status of an unresolved order, every kind of delivery, and every
// member, also those that aren't written any more.
func TestGoldenDocumentsAreComplete(t *testing.T) {
	var honest, all strings.Builder
	for name, scene := range scenes {
		for _, directory := range written[1:] {
			b, err := os.ReadFile(goldenName(directory, name))
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
			if scene != nil {
				honest.Write(b)
			}
		}
	}
	for _, status := range []subscription.OrderStatus{
		subscription.OrderOpen, subscription.OrderReview, subscription.OrderCanceling, subscription.OrderRefundDue, subscription.OrderUnreconciled,
	} {
		if !strings.Contains(honest.String(), fmt.Sprintf(`"status":%q`, status)) {
			t.Errorf("no order is %s", status)
		}
	}
	for _, part := range []string{
		`{"extend":`, `{"raise":`, `{"grant":`, `{"bill":`, `"automatic":true`, `"ahead":[`, `"arrears":`, `"interrupted":true`, `"status":"past_due"`, `"status":"interrupted"`, `"status":"ended"`, `"status":"expired"`, `"renewal":`,
		`"reservations":`, `"free":[`, `"excess":`, `"rate":`, `"paid":`, `"credit":`, `"collected":`, `"warned":`, `"closed_through":`, `"trial":true`,
		`"source":"package"`, `"source":"upgrade"`, `"source":"top_up"`, `"source":"free"`, `"source":"returned"`, `"source":"overdraft"`, ` JPY"`,
		`"as_of":`, `"days":`, `"numbers":`, `"billing":`,
	} {
		if !strings.Contains(honest.String(), part) {
			t.Errorf("no %s", part)
		}
	}
	for name := range strings.FieldsSeq(names(t)) {
		if !strings.Contains(all.String(), `"`+name+`":`) {
			t.Errorf("no %q", name)
		}
	}
}

// gone matches a member that the current format doesn't have.
var gone = regexp.MustCompile(`\S+-\d+`)

// names returns the names of all members of the current format.
func names(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("members.go")
	if err != nil {
		t.Fatal(err)
	}
	_, tables, _ := strings.Cut(string(b), "var (")
	tables, _, _ = strings.Cut(tables, "\n)")
	var names strings.Builder
	for i, text := range strings.FieldsFunc(tables, func(r rune) bool { return r == '"' || r == '`' }) {
		if i%2 == 1 {
			names.WriteString(strings.ReplaceAll(strings.ReplaceAll(gone.ReplaceAllString(text, ""), "?", ""), "+2", "") + " ")
		}
	}
	return names.String()
}
