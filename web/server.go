package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"
)

// ServerConfig says who may look, and how. Secrets come from files or the
// environment, never from the configuration itself.
type ServerConfig struct {
	UsersFile  string // lines "user:password" for basic authentication; "": none
	TokensFile string // lines of bearer tokens; "": none
	Token      string // one more bearer token, from the environment
	CertFile   string // TLS certificate chain and key, PEM; "": no TLS
	KeyFile    string
	Insecure   bool         // listen beyond loopback without authentication
	Log        *slog.Logger // nil: slog.Default()
}

// ErrOpen says that everybody could look.
var ErrOpen = errors.New("web: no authentication")

// Check says whether listening on addr ("127.0.0.1:10060") would be refused,
// and whether the files it names can be used.
func (c *ServerConfig) Check(addr string) error {
	g, err := newGuard(c)
	if err != nil {
		return err
	}
	if _, err := loadKeyPair(c.CertFile, c.KeyFile); err != nil {
		return err
	}
	return c.allows(g, addr)
}

// allows says why listening on addr would show everybody who is called by whom.
func (c *ServerConfig) allows(g *guard, addr string) error {
	if c.Insecure || !g.open() || isLoopback(addr) {
		return nil
	}
	return fmt.Errorf("%w, and %s can be reached from other machines: listen on 127.0.0.1, or name users or tokens (web.users_file, web.tokens_file), or say web.insecure: true if a firewall guards it",
		ErrOpen, addr)
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Server is the HTTP side of a probe.
type Server struct {
	cfg     ServerConfig
	probe   Probe
	metrics *Metrics
	handler http.Handler
	guard   atomic.Pointer[guard]
	locks   locks
	wishes  wishes
	now     func() time.Time // wall clock; tests have their own
	cert    *keyPair         // nil: no TLS
	history history
	pages   chan struct{} // a place for each page of metrics that is being written

	searches   chan struct{} // a place for each search in what was kept
	searchTime time.Duration // that one may take; tests have their own
	zippers    sync.Pool     // *gzip.Writer
}

// pagesAtOnce bounds the pages of metrics that are written at the same time:
// each takes some megabytes.
const pagesAtOnce = 2

// NewServer makes a server of a probe; m is attached to it.
func NewServer(cfg ServerConfig, p Probe, m *Metrics) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	s := &Server{cfg: cfg, probe: p, metrics: m, now: time.Now, pages: make(chan struct{}, pagesAtOnce),
		searches: make(chan struct{}, searchesAtOnce()), searchTime: searchTime}
	var err error
	if s.cert, err = loadKeyPair(cfg.CertFile, cfg.KeyFile); err != nil {
		return nil, err
	}
	if err := s.Reload(); err != nil {
		return nil, err
	}
	m.Attach(p)
	s.handler = s.routes()
	return s, nil
}

// Reload reads secrets and the certificate again; on an error the old ones hold.
func (s *Server) Reload() error {
	g, err := newGuard(&s.cfg)
	if err != nil {
		return err
	}
	if s.cert != nil {
		if err := s.cert.load(); err != nil {
			return err
		}
	}
	if before := s.guard.Swap(g); before != nil {
		s.logGrants(before, g)
	}
	return nil
}

// Handler returns what answers requests.
func (s *Server) Handler() http.Handler { return s.handler }

// maxConnections bounds what clients can hold open.
const maxConnections = 256

// Serve answers on ln until ctx is done, then lets requests finish for up to
// 5 s. It refuses an address beyond loopback without authentication.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	if err := s.cfg.allows(s.guard.Load(), ln.Addr().String()); err != nil {
		return err
	}
	ln = netutil.LimitListener(ln, maxConnections)
	if c := s.TLS(); c != nil {
		ln = tls.NewListener(ln, c)
	}
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	background.Go(func() { s.sample(ctx) })
	background.Go(func() {
		<-ctx.Done()
		grace, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		_ = server.Shutdown(grace) // what has not ended by then is cut off by the process' end
	})
	err := server.Serve(ln)
	cancel()
	background.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// sample feeds the history until ctx is done.
func (s *Server) sample(ctx context.Context) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		s.history.take(countNow(&s.probe, time.Now()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// maxLag is how far packet time may be behind the wall clock before the probe
// is not ready, s.
const maxLag = 30

// ready says why the probe does not do its work; nil: it does.
func (s *Server) ready(now time.Time) error {
	if s.probe.Ready != nil {
		if err := s.probe.Ready(); err != nil {
			return err
		}
	}
	if lag := eventLag(s.probe.snapshot(), now); lag > maxLag {
		return fmt.Errorf("packet time is %.0f s behind the clock: the probe cannot keep up, or the capture's clock is wrong", lag)
	}
	return nil
}
