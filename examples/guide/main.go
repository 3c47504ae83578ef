package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // for machines without a time zone database

	"github.com/prepaidkit/prepaid/payment/balance"
)

func main() {
	dir, err := os.MkdirTemp("", "guide")
	if err == nil {
		err = play(context.Background(), dir, os.Stdout)
		_ = os.RemoveAll(dir) // a temporary directory
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "guide:", err)
		os.Exit(1)
	}
}

// play tells the story on a new file.
func play(ctx context.Context, dir string, out io.Writer) error {
	c := &clock{}
	db, money, err := openSQLite(ctx, filepath.Join(dir, "shop.db"), &balance.Options{Now: c.now})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := tell(ctx, db, money, c, out); err != nil {
		return err
	}
	return db.Backup(ctx, filepath.Join(dir, "backup.db"))
}

func tell(ctx context.Context, db database, money accounts, c *clock, out io.Writer) error {
	c.set(time.March, 1)
	s, err := newShop(db, money, c.now, slog.New(slog.DiscardHandler), out)
	if err != nil {
		return err
	}
	if err := (&story{shop: s, accounts: money, clock: c}).tell(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, "== a card, and a webhook")
	return payByCard(ctx, c, out)
}
