package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Accept records that the application accepted the agreement in force, which covers service level and billing terms.
// Orders placed afterward need not repeat the acceptance while that version is in force. It fails with [ErrNotFound],
// and with [ErrAgreementRequired] for another version.
type Accept struct {
	Agreement string `json:"agreement"` // the version named in the catalog
}

// Kind returns "accept".
func (Accept) Kind() string { return "accept" }

// Decide implements [Command].
func (c Accept) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if c.Agreement == "" || c.Agreement != cat.AgreementVersion() {
		return Change{}, agreementError(cat, c.Agreement)
	}
	d := Begin(s, now)
	d.accept(c.Agreement)
	return d.Change(), nil
}

// accept records an acceptance.
func (d *Draft) accept(version string) {
	d.Application.Accepted = Acceptance{Agreement: version, At: d.Now}
	d.AddEvent(Event{Type: EventAccepted, Note: version})
}

// Agree returns the version of the agreement in force, which an order records. Either the request accepts it, and
// Agree records the acceptance, or it was accepted earlier and accepted is "". Otherwise, Agree fails with
// [ErrAgreementRequired]. If the catalog has no agreement, nothing needs to be accepted.
func (d *Draft) Agree(cat *pricing.Catalog, accepted string) (string, error) {
	version := cat.AgreementVersion()
	switch {
	case accepted == version && version != "":
		if d.Application.Accepted.Agreement != version {
			d.accept(version)
		}
	case accepted != "", version != "" && d.Application.Accepted.Agreement != version:
		return "", agreementError(cat, accepted)
	}
	return version, nil
}

func agreementError(cat *pricing.Catalog, accepted string) error {
	return fmt.Errorf("%w: %q is in force, %.80q was accepted", ErrAgreementRequired, cat.AgreementVersion(), accepted)
}
