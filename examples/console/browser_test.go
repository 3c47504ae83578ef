package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/prepaidkit/prepaid/internal/pgtest"
)

// patience is how long a visitor waits for what should appear.
const patience = 10 * time.Second

// The browser of all tests. Each test has its own profile in it.
var (
	browserOnce sync.Once
	browser     context.Context
	errBrowser  error
	stopBrowser = func() {}
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a test's console is small, and there are hundreds
	status := pgtest.Main(m)
	stopBrowser()
	os.Exit(status)
}

// startBrowser starts the browser that PREPAID_BROWSER names, once.
func startBrowser(name string) (context.Context, error) {
	browserOnce.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(name), chromedp.NoSandbox,
			chromedp.WindowSize(1280, 900), chromedp.DisableGPU)
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		var cancel context.CancelFunc
		browser, cancel = chromedp.NewContext(allocator) //nolint:fatcontext // once, and for all tests
		stopBrowser = func() { cancel(); stop() }
		errBrowser = chromedp.Do(browser)
	})
	return browser, errBrowser
}

// visitor is a person with a browser: it sees what is visible, and clicks on what it can name.
type visitor struct {
	t    *testing.T
	tab  context.Context
	base string
	c    *console
}

// visit opens a browser at a console of its own. It skips the test where no browser is asked for.
func visit(t *testing.T) *visitor {
	t.Helper()
	return visitOf(t, func() *console { return openConsole(t, "memory") })
}

// visitSaaS opens a browser at a console that sells by the catalog of plans.
func visitSaaS(t *testing.T) *visitor {
	t.Helper()
	return visitOf(t, func() *console { return openSaaS(t) })
}

func visitOf(t *testing.T, open func() *console) *visitor {
	t.Helper()
	name := os.Getenv("PREPAID_BROWSER")
	if name == "" {
		t.Skip("NOT TESTED, since PREPAID_BROWSER names no browser")
	}
	started, err := startBrowser(name)
	if err != nil {
		t.Fatal(err)
	}
	c := open()
	tab, cancel := chromedp.NewContext(started, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	v := &visitor{t: t, tab: tab, base: serveConsole(t, c), c: c}
	v.watch()
	return v
}

// anotherTab opens a second tab of the same browser profile.
func (v *visitor) anotherTab() *visitor {
	v.t.Helper()
	tab, cancel := chromedp.NewContext(v.tab)
	v.t.Cleanup(cancel)
	second := &visitor{t: v.t, tab: tab, base: v.base, c: v.c}
	second.watch()
	return second
}

// watch fails the test for a request to elsewhere, and for what the browser complains about: a script's exception, or
// something that the Content-Security-Policy refused.
func (v *visitor) watch() {
	v.t.Helper()
	err := chromedp.Listen(v.tab, func(ev any) {
		switch ev := ev.(type) {
		case *network.EventRequestWillBeSent:
			if u := ev.Request.URL; !strings.HasPrefix(u, v.base+"/") {
				v.t.Errorf("a request to %s", u)
			}
		case *log.EventEntryAdded:
			// A page that answers 4xx is reported, too, and is meant to.
			if ev.Entry.Level == "error" && !strings.Contains(ev.Entry.Text, "status of 4") {
				v.t.Errorf("the browser says: %s %s", ev.Entry.Text, ev.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			v.t.Errorf("a script failed: %s", ev.ExceptionDetails.Text)
		}
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// do runs actions, and fails the test with where it was if they don't succeed in time.
func (v *visitor) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if _, err := run2(v, chromedp.Steps(actions...)); err != nil {
		v.fail(what, err)
	}
}

func run2[T any](v *visitor, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(v.tab, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// fail shows what the visitor has before its eyes.
func (v *visitor) fail(what string, err error) {
	v.t.Helper()
	where, _ := run2(v, chromedp.Location())
	text, _ := run2(v, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
	v.shot("failed-" + strings.ReplaceAll(v.t.Name(), "/", "-"))
	v.t.Fatalf("%s: %v\nat %s, which says:\n%s", what, err, where, text)
}

// finder is a script that finds the visible element of a selector that has, or is called, the text; the exact one, if
// there is one.
const finder = `(() => {
	const want = %s;
	const tidy = (s) => (s || "").replace(/\s+/g, " ").trim();
	const name = (e) => tidy(e.getAttribute("aria-label")) || tidy(e.innerText);
	const all = [...document.querySelectorAll(%s)].filter((e) => e.checkVisibility());
	return all.find((e) => name(e) === want) || all.find((e) => tidy(e.innerText).includes(want) || name(e).includes(want)) || null;
})()`

func find(selector, text string) chromedp.JSPath {
	return chromedp.JSPath(fmt.Sprintf(finder, strconv.Quote(text), strconv.Quote(selector)))
}

// control is the field, box or button that a label belongs to.
func control(label string) chromedp.JSPath {
	return chromedp.JSPath("(" + string(find(labels, label)) + " || {}).control || null")
}

// Selectors of what a person clicks on, chooses, and reads.
const (
	clickable = "a, button, summary"
	labels    = "label"
	texts     = "main, main *, header *"
)

// goes loads a page by its address.
func (v *visitor) goes(path string) {
	v.t.Helper()
	v.do("go to "+path, chromedp.Navigate(v.base+path))
}

// clicks follows a link or presses a button that leads to another page, and waits for that page.
func (v *visitor) clicks(name string) {
	v.t.Helper()
	v.do("click "+name, chromedp.WaitReady(find(clickable, name)), chromedp.Evaluate[chromedp.Void](`window.before = true`),
		chromedp.Click(find(clickable, name)), arrived())
}

// arrived waits for a page that wasn't there before, all of it.
func arrived() chromedp.Action[chromedp.Void] {
	return chromedp.WaitReady(chromedp.JSPath(`!window.before && document.readyState === "complete" ? document.body : null`))
}

// presses clicks on what changes this page only.
func (v *visitor) presses(name string) {
	v.t.Helper()
	v.do("press "+name, chromedp.Click(find(clickable, name)))
}

// chooses clicks on a checkbox or a radio button with a label.
func (v *visitor) chooses(label string) {
	v.t.Helper()
	v.do("choose "+label, chromedp.Click(control(label)))
}

// fills types into the field with a label, in place of what it has.
func (v *visitor) fills(label, text string) {
	v.t.Helper()
	field := control(label)
	v.do("fill in "+label, chromedp.WaitReady(field), chromedp.Focus(field), chromedp.Evaluate[chromedp.Void]("("+string(field)+").select()"),
		chromedp.KeyEvent(text))
}

// selects chooses an option of a list.
func (v *visitor) selects(label, option string) {
	v.t.Helper()
	v.do("select "+option, chromedp.WaitReady(control(label)), chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`((list, want) => {
		list.focus();
		list.selectedIndex = [...list.options].findIndex((o) => o.text.startsWith(want));
		for (const type of ["input", "change"]) list.dispatchEvent(new Event(type, {bubbles: true}));
	})(%s, %q)`, control(label), option)))
}

// sees waits for text.
func (v *visitor) sees(text ...string) {
	v.t.Helper()
	for _, text := range text {
		v.do("see "+text, chromedp.WaitReady(find(texts, text)))
	}
}

// misses makes sure that a text isn't on the page that is there now.
func (v *visitor) misses(text string) {
	v.t.Helper()
	found, err := run2(v, chromedp.Evaluate[bool](string(find(texts, text))+` !== null`))
	if err != nil || found {
		v.fail("don't see "+text, err)
	}
}

// signsIn is where most visits begin.
func (v *visitor) signsIn(name string) {
	v.t.Helper()
	v.goes("/")
	v.becomes(name)
}

// becomes signs in as somebody, in place of whoever is signed in.
func (v *visitor) becomes(name string) {
	v.t.Helper()
	v.goes("/sign-in")
	v.clicks("Sign in as " + name)
	first := "Overview"
	if name == staffPerson {
		first = "Work"
	}
	v.sees(first)
}

// withoutScript turns the page's scripts off.
func (v *visitor) withoutScript() {
	v.t.Helper()
	v.do("turn scripts off", func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// scheme makes the browser prefer light or dark.
func (v *visitor) scheme(name string) {
	v.t.Helper()
	v.do("prefer "+name, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return chromedp.Void{}, err
	})
}

// shot saves a screenshot of the whole page, if PREPAID_SCREENSHOTS names a directory.
func (v *visitor) shot(name string) {
	v.t.Helper()
	dir := os.Getenv("PREPAID_SCREENSHOTS")
	if dir == "" {
		return
	}
	_, err := run2(v, chromedp.Evaluate[chromedp.Void](`scrollTo(0, 0)`))
	picture, errPicture := run2(v, chromedp.FullScreenshot(100))
	if err = errors.Join(err, errPicture); err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		v.t.Error(err)
	}
}
