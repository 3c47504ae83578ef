package main

import (
	"log/slog"
	"net/http/httptest"
	"testing"
)

// open makes a console in memory, with its customers, at the fixed instant at which their past ends.
func openConsole(t *testing.T, where string) *console {
	t.Helper()
	return openCatalogOf(t, where, "", withOwn())
}

// openSaaS makes a console that sells by another catalog, with customers of its own.
func openSaaS(t *testing.T) *console {
	t.Helper()
	return openCatalogOf(t, "memory", "../catalog/saas.json", withOwn())
}

// openStripe makes a console that collects over the fake of Stripe.
func openStripe(t *testing.T, where string) *console {
	t.Helper()
	return openCatalogOf(t, where, "", withStripe())
}

func openCatalogOf(t *testing.T, where, file string, opens opening) *console {
	t.Helper()
	cat, err := openCatalog(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newConsole(t.Context(), where, cat, opens, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.closed() })
	return c
}

// serveConsole serves it on loopback, with the provider's notifications, and returns its address.
func serveConsole(t *testing.T, c *console) string {
	t.Helper()
	server := httptest.NewServer(c.handler())
	t.Cleanup(server.Close)
	c.provider.sendTo(server.URL + "/webhooks/payments")
	return server.URL
}

// own is the console's own provider.
func (c *console) own() *ownProvider {
	p, _ := c.provider.(*ownProvider)
	return p
}
