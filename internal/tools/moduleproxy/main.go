// Command moduleproxy writes the modules of a checkout, as they are committed, into a module proxy of files, so that it can
// be tried what strangers get who ask for one of them:
//
//	moduleproxy CHECKOUT OUT VERSION MODULE=DIR...
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: moduleproxy CHECKOUT OUT VERSION MODULE=DIR...")
		os.Exit(2)
	}
	for _, arg := range os.Args[4:] {
		path, dir, _ := strings.Cut(arg, "=")
		if err := write(os.Args[1], os.Args[2], module.Version{Path: path, Version: os.Args[3]}, dir); err != nil {
			fmt.Fprintln(os.Stderr, arg, err)
			os.Exit(1)
		}
	}
}

// write writes the files that a proxy serves for one version of a module, which is in a directory of the checkout.
func write(checkout, out string, m module.Version, dir string) error {
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	at := filepath.Join(out, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(at, m.Version+".zip"))
	if err != nil {
		return err
	}
	if err := zip.CreateFromVCS(file, m, checkout, "HEAD", dir); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	mod, err := os.ReadFile(filepath.Join(checkout, filepath.FromSlash(dir), "go.mod"))
	if err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": m.Version, "Time": time.Now().UTC().Format(time.RFC3339)})
	if err != nil {
		return err
	}
	for suffix, text := range map[string][]byte{m.Version + ".mod": mod, m.Version + ".info": info, "list": []byte(m.Version + "\n")} {
		if err := os.WriteFile(filepath.Join(at, suffix), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
