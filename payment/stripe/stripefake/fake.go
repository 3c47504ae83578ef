package stripefake

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"time"
)

// Options are what a [Fake] can do without. The zero value and nil select the defaults.
type Options struct {
	// SearchLag is how long a new payment intent isn't found by a search. The default is a minute; a negative one means
	// that it is found at once.
	SearchLag time.Duration

	// Least is the least amount of a charge by currency ("usd"), in the provider's minor units. The default is none.
	Least map[string]int64

	// Bank is the beginning of the address to which a payer is sent who has to confirm a payment; the payment intent's ID
	// follows. A host serves the page, and calls Authenticate. The default is below URL, where no page is.
	Bank string

	// Now returns the time, to which Advance adds. The default is time.Now.
	Now func() time.Time
}

// Fake is a provider. It is safe for concurrent use. Create it with [New].
type Fake struct {
	server *httptest.Server
	lag    time.Duration
	least  map[string]int64
	bank   string
	clock  func() time.Time

	mu        sync.Mutex
	ahead     time.Duration
	serial    int
	faults    func(method, path string) Fault
	keys      map[string]*answer
	customers map[string]*customer
	methods   map[string]*method
	setups    map[string]*setupIntent
	intents   map[string]*intent
	refunds   map[string]*refund
	disputes  map[string]*dispute
	order     []string // of intents, refunds and disputes, as created
	endpoint  endpoint
	events    []*event // not delivered yet
	delivered []*event
}

// New starts a provider. Close stops it. o may be nil.
func New(o *Options) *Fake {
	if o == nil {
		o = new(Options)
	}
	f := &Fake{
		lag: o.SearchLag, least: o.Least, bank: o.Bank, clock: o.Now,
		keys: map[string]*answer{}, customers: map[string]*customer{}, methods: map[string]*method{},
		setups: map[string]*setupIntent{}, intents: map[string]*intent{}, refunds: map[string]*refund{}, disputes: map[string]*dispute{},
	}
	if f.lag == 0 {
		f.lag = time.Minute
	}
	if f.clock == nil {
		f.clock = time.Now //nolint:forbidigo // the default of Options.Now
	}
	f.server = httptest.NewServer(f)
	if f.bank == "" {
		f.bank = f.server.URL + "/authenticate/"
	}
	return f
}

// URL is the address of the API, for the Options of a gateway.
func (f *Fake) URL() string { return f.server.URL }

// Close stops the server.
func (f *Fake) Close() { f.server.Close() }

// Advance lets time pass at the provider: searches catch up, and idempotency keys are forgotten.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ahead += d
}

// Now returns the provider's time.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now()
}

func (f *Fake) now() time.Time { return f.clock().Add(f.ahead) }

// id returns a new ID with that prefix.
func (f *Fake) id(prefix string) string {
	f.serial++
	return fmt.Sprintf("%s_fake%06d", prefix, f.serial)
}

// Fault is a way in which a request fails.
type Fault string

// The faults.
const (
	None        Fault = ""
	Unavailable Fault = "unavailable"  // HTTP 503, and nothing is done
	RateLimited Fault = "rate_limited" // HTTP 429, and nothing is done
	Locked      Fault = "locked"       // HTTP 409, and nothing is done
	Broken      Fault = "broken"       // HTTP 500, nothing is done, and the idempotency key repeats that for 24 hours
	BrokenLate  Fault = "broken_late"  // HTTP 500, it is done all the same, and the idempotency key repeats the 500
	Cut         Fault = "cut"          // the connection breaks, and nothing is done
	Lost        Fault = "lost"         // it is done, and then the connection breaks
)

// SetFaults makes each request meet the fault that faults returns for its method and path, until it is called again; nil
// means none. faults is called for one request at a time and must not call the Fake.
func (f *Fake) SetFaults(faults func(method, path string) Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = faults
}
