package walletserver

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// notice is the body of a notification.
type notice struct {
	Kind     string `json:"kind"` // order or refund
	Number   string `json:"number"`
	State    string `json:"state"`
	Amount   int64  `json:"amount"`
	Attached string `json:"attached"`
}

// Notify sends all notifications that weren't taken yet to a merchant. A real wallet repeats them for a day.
func (s *Server) Notify(ctx context.Context, url string) error {
	s.mu.Lock()
	notices := s.notices
	s.notices = nil
	s.mu.Unlock()
	for i, n := range notices {
		if err := s.send(ctx, url, n); err != nil {
			s.mu.Lock()
			s.notices = append(notices[i:], s.notices...)
			s.mu.Unlock()
			return err
		}
	}
	return nil
}

func (s *Server) send(ctx context.Context, url string, n notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(s.now().Unix(), 10)
	mac := hmac.New(sha256.New, s.secret)
	fmt.Fprintf(mac, "%s\n%s", at, body)
	r.Header.Set("Wallet-Time", at)
	r.Header.Set("Wallet-Signature", hex.EncodeToString(mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("walletserver: the merchant answers %s", answer.Status)
	}
	return nil
}
