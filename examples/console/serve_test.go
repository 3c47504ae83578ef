package main

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/prepaidkit/prepaid/examples/catalog"
)

// open makes a console in memory, with its customers, at the fixed instant at which their past ends.
func openConsole(t *testing.T, where string) *console {
	t.Helper()
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	c, err := newConsole(t.Context(), where, cat, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.closed)
	return c
}

// serveConsole serves it on loopback, with the provider's notifications, and returns its address.
func serveConsole(t *testing.T, c *console) string {
	t.Helper()
	server := httptest.NewServer(c.handler())
	t.Cleanup(server.Close)
	c.provider.hooks.sendTo(server.URL + "/webhooks/payments")
	return server.URL
}
