package stripefake

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// keyLife is how long an idempotency key is remembered.
const keyLife = 24 * time.Hour

// answer is what a request is answered with. An idempotency key keeps the first one.
type answer struct {
	status int
	body   []byte
	began  bool // what was wrong, if anything, wasn't with the parameters, so an idempotency key keeps it

	request string // of the key
	at      time.Time
}

// request is a request without its transport.
type request struct {
	method string
	path   []string // below /v1
	form   url.Values
}

// ServeHTTP implements [http.Handler]: it is the API, for a server of the host's own.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a, repeated, fault := f.serve(r)
	if fault == Cut || fault == Lost {
		if h, ok := w.(http.Hijacker); ok {
			if conn, _, err := h.Hijack(); err == nil {
				_ = conn.Close()
				return
			}
		}
		a = failed(http.StatusBadGateway, apiError{Type: "api_error", Message: "The connection broke."})
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_fake")
	if repeated {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// serve answers a request, and says whether it repeats an earlier answer.
func (f *Fake) serve(r *http.Request) (a *answer, repeated bool, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		return failed(http.StatusUnauthorized, apiError{Type: invalidRequest, Message: "You did not provide an API key."}), false, None
	}
	if f.faults != nil {
		fault = f.faults(r.Method, r.URL.Path)
	}
	switch fault {
	case Unavailable, Cut:
		return failed(http.StatusServiceUnavailable, apiError{Type: "api_error", Message: "Come back later."}), false, fault
	case RateLimited:
		return failed(http.StatusTooManyRequests, apiError{Type: invalidRequest, Code: "rate_limit", Message: "Slow down."}), false, fault
	case Locked:
		return failed(http.StatusConflict, apiError{
			Type: "idempotency_error", Code: "idempotency_key_in_use", Message: "Another request is using this key.",
		}), false, fault
	case None, Broken, BrokenLate, Lost:
	}
	key := r.Header.Get("Idempotency-Key")
	if r.Method != http.MethodPost || key == "" {
		a := f.perform(r)
		if fault == Broken || fault == BrokenLate {
			a = broken()
		}
		return a, false, fault
	}
	if len(key) > 255 {
		return failed(http.StatusBadRequest, apiError{Type: invalidRequest, Message: "The idempotency key is too long."}), false, fault
	}
	content := r.Method + " " + r.URL.Path + " " + r.Form.Encode()
	if known := f.keys[key]; known != nil && f.now().Before(known.at.Add(keyLife)) {
		if known.request != content {
			return failed(http.StatusBadRequest, apiError{
				Type: "idempotency_error", Message: "Keys can only be used with the same parameters they were first used with.",
			}), false, fault
		}
		return known, true, fault
	}
	switch fault {
	case Broken:
		a = broken()
	case BrokenLate:
		_ = f.perform(r)
		a = broken()
	case None, Unavailable, RateLimited, Locked, Cut, Lost:
		a = f.perform(r)
	}
	if a.began {
		kept := *a
		kept.request, kept.at = content, f.now()
		f.keys[key] = &kept
	}
	return a, false, fault
}

func broken() *answer {
	a := failed(http.StatusInternalServerError, apiError{Type: "api_error", Message: "Something went wrong on our end."})
	a.began = true
	return a
}

// perform carries a request out.
func (f *Fake) perform(r *http.Request) *answer {
	q := request{method: r.Method, path: strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/v1"), "/"), "/"), form: r.Form}
	object, err := f.route(q)
	if err != nil {
		a := failed(err.status(), *err)
		a.began = err.Code != "" && !strings.HasPrefix(err.Code, "parameter_") && err.Code != missing
		return a
	}
	body, failure := json.Marshal(object)
	if failure != nil {
		return broken()
	}
	return &answer{status: http.StatusOK, body: body, began: true}
}

// route finds what a request is about. An ID stands as * in the pattern.
func (f *Fake) route(q request) (any, *apiError) {
	var id string
	pattern := []string{q.method, q.path[0]}
	switch {
	case len(q.path) > 1 && q.path[1] == "search":
		pattern = append(pattern, "search")
	case len(q.path) > 1:
		id = q.path[1]
		pattern = append(append(pattern, "*"), q.path[2:]...)
	}
	switch strings.Join(pattern, " ") {
	case "POST customers":
		return f.createCustomer(q)
	case "GET customers *":
		return found(f.customers, id, "customer")
	case "POST customers *":
		return f.updateCustomer(id, q)
	case "GET payment_methods *":
		return found(f.methods, id, "PaymentMethod")
	case "POST payment_methods * attach":
		return f.attach(id, q)
	case "POST setup_intents":
		return f.createSetup(q)
	case "GET setup_intents *":
		return found(f.setups, id, "setupintent")
	case "POST payment_intents":
		return f.createIntent(q)
	case "GET payment_intents search":
		return f.searchIntents(q)
	case "GET payment_intents *", "POST payment_intents *", "POST payment_intents * confirm", "POST payment_intents * cancel":
		return f.onIntent(id, q)
	case "POST refunds":
		return f.createRefund(q)
	case "GET refunds":
		return f.listRefunds(q)
	case "GET refunds *":
		return found(f.refunds, id, "refund")
	case "GET disputes *":
		return found(f.disputes, id, "dispute")
	}
	return nil, &apiError{Type: invalidRequest, Code: missing, Message: "Unrecognized request URL: " + strings.Join(pattern, " ")}
}

func found[T any](objects map[string]*T, id, kind string) (*T, *apiError) {
	o := objects[id]
	if o == nil {
		return nil, noSuch(kind, id, "id")
	}
	return o, nil
}

func noSuch(kind, id, param string) *apiError {
	return &apiError{Type: invalidRequest, Code: missing, Param: param, Message: "No such " + kind + ": '" + id + "'"}
}

const (
	invalidRequest = "invalid_request_error"
	missing        = "resource_missing"
)

// apiError is the provider's error object.
type apiError struct {
	Type          string  `json:"type"`
	Code          string  `json:"code,omitempty"`
	DeclineCode   string  `json:"decline_code,omitempty"`
	Message       string  `json:"message"`
	Param         string  `json:"param,omitempty"`
	Charge        string  `json:"charge,omitempty"`
	PaymentIntent *intent `json:"payment_intent,omitempty"`
}

func (e *apiError) status() int {
	switch {
	case e.Type == "card_error":
		return http.StatusPaymentRequired
	case e.Code == missing && e.Param == "id":
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

func failed(status int, e apiError) *answer {
	body, err := json.Marshal(map[string]any{"error": e})
	if err != nil {
		body = nil
	}
	return &answer{status: status, body: body}
}

// metadata merges the metadata of a request into m, as the provider does: an empty value removes its name.
func metadata(m map[string]string, form url.Values) *apiError {
	for name, values := range form {
		inner, ok := strings.CutPrefix(name, "metadata[")
		if !ok || len(values) == 0 {
			continue
		}
		inner = strings.TrimSuffix(inner, "]")
		switch {
		case values[0] == "":
			delete(m, inner)
			continue
		case len(inner) > 40, len([]rune(values[0])) > 500:
			return &apiError{Type: invalidRequest, Param: name, Message: "Metadata is too long."}
		}
		m[inner] = values[0]
	}
	if len(m) > 50 {
		return &apiError{Type: invalidRequest, Param: "metadata", Message: "Metadata can have at most 50 keys."}
	}
	return nil
}

// wants reports whether a request wants a member expanded.
func wants(form url.Values, member string) bool {
	for name, values := range form {
		if strings.HasPrefix(name, "expand[") && len(values) > 0 && values[0] == member {
			return true
		}
	}
	return false
}
