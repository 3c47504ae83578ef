package faults

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"regexp"
	"sync"
	"time"
)

// proxy is placed between processes and a Postgres server, implements just enough of its protocol, and cuts
// connections: at any time, before a commit reaches the server, and between a commit and its answer.
type proxy struct {
	listener net.Listener
	dialer   net.Dialer

	mu      sync.Mutex
	server  string // its address
	closed  bool   // to new connections
	rng     *rand.Rand
	links   map[*link]bool
	odds    odd
	cuts    cuts
	commits int
}

// odd is the number of commits per thousand that are cut.
type odd struct{ before, after int }

// cuts counts the connections that were cut.
type cuts struct{ anywhere, before, after int }

// link is one connection through the proxy.
type link struct {
	client, server net.Conn

	mu      sync.Mutex
	named   map[string]bool // prepared statements that write
	commits bool            // the pending request may commit something
}

func newProxy(ctx context.Context, seed uint64, server string) (*proxy, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{
		listener: l, server: server, dialer: net.Dialer{Timeout: time.Second},
		rng: rand.New(rand.NewPCG(seed, 3)), links: map[*link]bool{},
	}
	go p.accept(context.WithoutCancel(ctx)) // until the proxy is closed
	return p, nil
}

func (p *proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		address, ok := p.at()
		if !ok {
			_ = client.Close()
			continue
		}
		server, err := p.dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			_ = client.Close() // the server is down
			continue
		}
		l := &link{client: client, server: server, named: map[string]bool{}}
		p.mu.Lock()
		p.links[l] = true
		p.mu.Unlock()
		go p.forward(l)
		go p.back(l)
	}
}

// at returns the server's address, if connections are accepted. shut ends that, and move begins it again at a new address.
func (p *proxy) at() (string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.server, !p.closed
}

func (p *proxy) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

func (p *proxy) move(server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.server, p.closed = server, false
}

func (p *proxy) drop(l *link) {
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
	_ = l.client.Close() // may be closed already
	_ = l.server.Close()
}

// message reads one message: its type, none at the start, and all its bytes.
func message(in *bufio.Reader, typed bool) (kind byte, whole []byte, err error) {
	head := 4
	if typed {
		head = 5
	}
	whole = make([]byte, head)
	if _, err := io.ReadFull(in, whole); err != nil {
		return 0, nil, err
	}
	if typed {
		kind = whole[0]
	}
	size := int(binary.BigEndian.Uint32(whole[head-4:])) - 4
	if size < 0 || size > 1<<30 {
		return 0, nil, errors.New("faults: not a Postgres message")
	}
	all := make([]byte, head+size)
	copy(all, whole)
	_, err = io.ReadFull(in, all[head:])
	return kind, all, err
}

// writes matches the statements after which something may have been committed.
var writes = regexp.MustCompile(`(?i)^\s*(commit|end\b)|\b(insert|update|delete|merge)\b`)

// forward forwards the client's messages.
func (p *proxy) forward(l *link) {
	defer p.drop(l)
	in := bufio.NewReader(l.client)
	_, first, err := message(in, false)
	if err != nil || !send(l.server, first) {
		return
	}
	for {
		kind, m, err := message(in, true)
		if err != nil {
			return
		}
		body := m[5:]
		switch kind {
		case 'Q': // a simple query
			l.note(writes.Match(body))
		case 'P': // parse: name, text
			if name, text, ok := bytes.Cut(body, []byte{0}); ok {
				l.mu.Lock()
				l.named[string(name)] = writes.Match(text)
				l.mu.Unlock()
			}
		case 'B': // bind: portal, name
			if _, rest, ok := bytes.Cut(body, []byte{0}); ok {
				name, _, _ := bytes.Cut(rest, []byte{0})
				l.mu.Lock()
				writing := l.named[string(name)]
				l.mu.Unlock()
				l.note(writing)
			}
		}
		if (kind == 'Q' || kind == 'S') && l.committing() && p.draw(func() (int, *int) { return p.odds.before, &p.cuts.before }) {
			return // it never arrives
		}
		if !send(l.server, m) {
			return
		}
	}
}

// note records what the client waits for.
func (l *link) note(writing bool) {
	l.mu.Lock()
	l.commits = l.commits || writing
	l.mu.Unlock()
}

func (l *link) committing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.commits
}

// back forwards the server's messages, each answer as a whole, so that either all of it arrives or nothing.
func (p *proxy) back(l *link) {
	defer p.drop(l)
	in := bufio.NewReader(l.server)
	var answer []byte
	for {
		kind, m, err := message(in, true)
		if err != nil {
			_ = send(l.client, answer) // the server's last messages before it stopped
			return
		}
		answer = append(answer, m...)
		switch {
		case kind == 'Z': // ready for the next: m[5] is 'I' outside a transaction
			l.mu.Lock()
			committed := l.commits && m[5] == 'I'
			l.commits = l.commits && m[5] != 'I'
			l.mu.Unlock()
			if committed {
				p.count()
				if p.draw(func() (int, *int) { return p.odds.after, &p.cuts.after }) {
					return // it is committed, but the answer is lost
				}
			}
		case kind != 'R' && len(answer) < 1<<20: // anything that needs no answer from the client
			continue
		}
		if !send(l.client, answer) {
			return
		}
		answer = answer[:0]
	}
}

func send(to net.Conn, b []byte) bool {
	_, err := to.Write(b)
	return err == nil
}

func (p *proxy) count() {
	p.mu.Lock()
	p.commits++
	p.mu.Unlock()
}

// draw decides whether a commit is cut, and counts it.
func (p *proxy) draw(which func() (odds int, count *int)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	odds, count := which()
	if p.rng.IntN(1000) >= odds {
		return false
	}
	*count++
	return true
}

// cut cuts one connection, whatever it is doing.
func (p *proxy) cut() {
	p.mu.Lock()
	var one *link
	for one = range p.links {
		break
	}
	if one != nil {
		p.cuts.anywhere++
	}
	p.mu.Unlock()
	if one != nil {
		p.drop(one)
	}
}

// set sets the number of commits per thousand that are cut, on either side.
func (p *proxy) set(odds int) {
	p.mu.Lock()
	p.odds = odd{odds, odds}
	p.mu.Unlock()
}

func (p *proxy) close() error {
	err := p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		_ = l.client.Close()
		_ = l.server.Close()
	}
	return err
}
