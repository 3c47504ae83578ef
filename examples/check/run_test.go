package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestMain(m *testing.M) {
	status := pgtest.Main(m)
	os.Exit(status)
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// sold sells a package and free minutes by the sample catalog.
func sold(t *testing.T, st store.Store) {
	t.Helper()
	ctx := t.Context()
	gateway := balance.New(nil)
	ok(t, gateway.Open(ctx, "acme"))
	funds, err := pricing.ParseMoney("1000.00", "USD")
	ok(t, err)
	ok(t, gateway.Deposit(ctx, "acme", "wire", funds))
	sample, err := catalog.Load()
	ok(t, err)
	service, err := subscription.NewService(st, gateway, subscription.StaticCatalog(sample), &subscription.Options{
		Now: func() time.Time { return time.Date(2026, time.March, 1, 2, 0, 0, 0, time.UTC) },
	})
	ok(t, err)
	for _, cmd := range []subscription.Command{
		subscription.Create{Account: "acme"}, subscription.Accept{Agreement: sample.AgreementVersion()},
		subscription.Purchase{Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD"},
	} {
		_, err := service.Do(ctx, "video-chat", cmd, cmd.Kind())
		ok(t, err)
	}
}

// changed writes the sample catalog with a version under another name, and returns the path.
func changed(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../catalog/tencent-rtc.json")
	ok(t, err)
	path := filepath.Join(t.TempDir(), "new.json")
	ok(t, os.WriteFile(path, bytes.Replace(b, []byte(`"one-to-one"`), []byte(`"solo"`), 1), 0o600))
	return path
}

// database makes an empty database of the test's own, and returns its connection string.
func database(t *testing.T) string {
	t.Helper()
	server := pgtest.URL(t)
	at, err := url.Parse(server)
	ok(t, err)
	name := fmt.Sprintf("check_%016x", rand.Uint64())
	execute := func(statement string) {
		c, err := pgx.Connect(context.Background(), server)
		ok(t, err)
		defer func() { _ = c.Close(context.Background()) }()
		_, err = c.Exec(context.Background(), statement)
		ok(t, err)
	}
	execute("CREATE DATABASE " + name)
	t.Cleanup(func() { execute("DROP DATABASE " + name + " WITH (FORCE)") })
	at.Path = "/" + name
	return at.String()
}

// said runs the command and returns its exit status and what it printed.
func said(ctx context.Context, args ...string) (status int, out, err string) {
	var stdout, stderr strings.Builder
	status = run(ctx, args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

// What a price list strands is named on every store, with the exit status; nothing is for the one in force.
// Rule: catalog-strands-nobody.
func TestCheck(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) string{
		"sqlite": func(t *testing.T) string {
			t.Helper()
			path := filepath.Join(t.TempDir(), "prepaid.db")
			st, err := sqlite.Open(t.Context(), path, nil)
			ok(t, err)
			ok(t, st.Migrate(t.Context()))
			sold(t, st)
			ok(t, st.Close())
			return "sqlite:" + path
		},
		"postgres": func(t *testing.T) string {
			t.Helper()
			at := database(t)
			pool, err := pgxpool.New(t.Context(), at)
			ok(t, err)
			defer pool.Close()
			st, err := postgres.New(pool, nil)
			ok(t, err)
			ok(t, st.Migrate(t.Context()))
			sold(t, st)
			return "postgres:" + at
		},
	} {
		t.Run(name, func(t *testing.T) {
			at := open(t)
			status, out, errs := said(t.Context(), "-store", at, "-catalog", "../catalog/tencent-rtc.json")
			if status != nothing || out != "" || errs != "check: stranded: 0\n" {
				t.Errorf("the catalog in force: status %d\n%s%s", status, out, errs)
			}
			status, out, errs = said(t.Context(), "-store", at, "-catalog", changed(t))
			want := `"video-chat": subscription "call-1": pricing: no such package version: "one-to-one" of call` + "\n"
			if status != findings || out != want || errs != "check: stranded: 1\n" {
				t.Errorf("status %d\n%s%s", status, out, errs)
			}
		})
	}
}

// A store that is as it should be has no findings; what was changed by hand is printed, with the exit status.
// Rule: audit-proves.
func TestAudit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prepaid.db")
	st, err := sqlite.Open(t.Context(), path, nil)
	ok(t, err)
	if status, _, errs := said(t.Context(), "-audit", "-store", "sqlite:"+path); status != failed || !strings.Contains(errs, "call Migrate") {
		t.Errorf("before Migrate: status %d\n%s", status, errs)
	}
	ok(t, st.Migrate(t.Context()))
	sold(t, st)
	ok(t, st.Close())
	for _, args := range [][]string{
		{"-audit", "-store", "sqlite:" + path}, {"-audit", "-store", "sqlite:" + path, "-catalog", "../catalog/tencent-rtc.json"},
	} {
		status, out, errs := said(t.Context(), args...)
		if status != nothing || out != "" || errs != "check: applications audited: 1\ncheck: findings: 0\n" {
			t.Errorf("%q: status %d\n%s%s", args, status, out, errs)
		}
	}
	dsn, err := sqlite.DSN(path, nil)
	ok(t, err)
	db, err := sql.Open("sqlite", dsn)
	ok(t, err)
	_, err = db.ExecContext(t.Context(), `UPDATE prepaid_orders SET collected = NULL, collected_currency = NULL`)
	ok(t, err)
	ok(t, db.Close())
	status, out, errs := said(t.Context(), "-audit", "-store", "sqlite:"+path)
	want := regexp.MustCompile(`^"video-chat": payment: order "k-[0-9a-f]+": it is paid, nothing was collected, and it costs \d+\.\d\d USD\n$`)
	if status != findings || !want.MatchString(out) || errs != "check: applications audited: 1\ncheck: findings: 1\n" {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if status, _, errs := said(t.Context(), "-audit", "-store", "sqlite:"+path, "more"); status != failed || errs == "" {
		t.Errorf("status %d\n%s", status, errs)
	}
	if status := run(t.Context(), []string{"-audit", "-store", "sqlite:" + path}, noWriter{}, noWriter{}); status != failed {
		t.Errorf("status %d though nothing could be printed", status)
	}
}

type noWriter struct{}

func (noWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

// What can't be compared is an error with a status of its own, and no file is made.
func TestCheckFails(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.db")
	sample := "../catalog/tencent-rtc.json"
	for _, args := range [][]string{
		{}, {"-store", "memory", "-catalog", sample}, {"-store", "sqlite:", "-catalog", sample}, {"-store", "sqlite:" + missing, "-catalog", sample},
		{"-store", "postgres:not a url", "-catalog", sample}, {"-store", "sqlite:" + missing}, {"-catalog", "missing.json", "-store", "sqlite:" + missing},
		{"-store", "sqlite:" + missing, "-catalog", sample, "more"}, {"-no-such-flag"},
	} {
		if status, out, errs := said(t.Context(), args...); status != failed || out != "" || errs == "" {
			t.Errorf("%q: status %d\n%s%s", args, status, out, errs)
		}
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the file was made")
	}
	path := filepath.Join(t.TempDir(), "prepaid.db")
	st, err := sqlite.Open(t.Context(), path, nil)
	ok(t, err)
	ok(t, st.Migrate(t.Context()))
	sold(t, st)
	ok(t, st.Close())
	if status := run(t.Context(), []string{"-store", "sqlite:" + path, "-catalog", changed(t)}, noWriter{}, noWriter{}); status != failed {
		t.Errorf("status %d though nothing could be printed", status)
	}
}
